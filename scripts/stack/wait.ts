import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again and again until the answer is yes.
 *
 * @throws what `onTimeout` makes when it never was within the time.
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
