import { setTimeout as wait } from 'node:timers/promises';

/**
 * How long before the wait for a result is over its workflow is looked for, in milliseconds. The
 * look takes 3 s at most, so it has ended by then. Under overload Temporal is slow, too: there is no
 * time to look afterwards.
 */
const LOOK_BEFORE_MS = 3_500;

/**
 * Looks for something while a slow result is waited for, for `withinMs` in all. Returns it;
 * undefined when the result came before, or it wasn't there.
 *
 * Rejects as `look` does. A rejection that nobody waits for is no fault.
 */
export function seenMeanwhile<T>(
  result: Promise<unknown>,
  look: () => Promise<T | undefined>,
  withinMs: number,
): Promise<T | undefined> {
  const seen = lookIfSlow(result, look, Math.max(withinMs - LOOK_BEFORE_MS, 0));
  seen.catch(() => undefined);
  return seen;
}

async function lookIfSlow<T>(
  result: Promise<unknown>,
  look: () => Promise<T | undefined>,
  afterMs: number,
): Promise<T | undefined> {
  const stop = new AbortController();
  const hasResult = await Promise.race([
    result.then(
      () => true,
      () => true,
    ),
    wait(afterMs, false, { signal: stop.signal }).catch(() => true),
  ]);
  stop.abort();
  return hasResult ? undefined : look();
}
