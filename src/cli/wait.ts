import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Checks a condition repeatedly until it holds. Times are in milliseconds.
 *
 * @throws what `onTimeout` returns when it did not hold within the time.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  {
    timeoutMs,
    intervalMs = 50,
    onTimeout,
  }: { timeoutMs: number; intervalMs?: number; onTimeout: () => Error },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw onTimeout();
    await sleep(intervalMs);
  }
}
