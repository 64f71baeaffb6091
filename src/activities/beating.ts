import { heartbeat } from '@temporalio/activity';

/** How often an activity shows that it is alive, in milliseconds. */
const BEAT_EVERY_MS = 1_000;

/** Heartbeats while the work lasts. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const beats = setInterval(() => {
    heartbeat();
  }, BEAT_EVERY_MS);
  return work().finally(() => {
    clearInterval(beats);
  });
}
