import { setTimeout as wait } from 'node:timers/promises';

/**
 * When to look for a workflow whose result is late, in milliseconds. The look takes 3 s at most, so
 * it has ended when the wait for the result, 9 s, is over. Under overload Temporal is slow, too:
 * there is no time to look afterwards.
 */
const LOOK_AFTER_MS = 5_500;

/**
 * Looks for something while a slow result is waited for. Returns it; undefined when the result came
 * before, or it wasn't there.
 *
 * Rejects as `look` does. A rejection that nobody waits for is no fault.
 */
export function seenMeanwhile<T>(
  result: Promise<unknown>,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const seen = lookIfSlow(result, look);
  seen.catch(() => undefined);
  return seen;
}

async function lookIfSlow<T>(
  result: Promise<unknown>,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const stop = new AbortController();
  const hasResult = await Promise.race([
    result.then(
      () => true,
      () => true,
    ),
    wait(LOOK_AFTER_MS, false, { signal: stop.signal }).catch(() => true),
  ]);
  stop.abort();
  return hasResult ? undefined : look();
}
