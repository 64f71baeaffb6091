import type { IncomingMessage } from 'node:http';

/** A body of at most 100 kB takes less than this on a line that deserves the name. */
const SLOW_MS = 1_000;

/** And no more than this: 80 kbit/s. */
const TOO_SLOW_MS = 10_000;

/**
 * Watches the arrival of a request's body. Calls `onSlow` when it isn't there after a second, then
 * `onArrived` once it is, or `onTooSlow` after ten seconds. Calls nothing for a body that is there
 * in time.
 *
 * Returns how to stop watching.
 */
export function watchBody(
  req: IncomingMessage,
  calls: { onSlow: () => void; onArrived: () => void; onTooSlow: () => void },
): () => void {
  const hasBody =
    req.headers['transfer-encoding'] !== undefined ||
    Number(req.headers['content-length'] ?? 0) > 0;
  if (!hasBody) return () => undefined;
  let timer = setTimeout(() => {
    if (req.complete) return;
    timer = setTimeout(() => {
      if (!req.complete) calls.onTooSlow();
    }, TOO_SLOW_MS - SLOW_MS);
    req.once('end', calls.onArrived);
    calls.onSlow();
  }, SLOW_MS);
  return () => {
    clearTimeout(timer);
    req.off('end', calls.onArrived);
  };
}
