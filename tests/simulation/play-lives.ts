import './virtual-time';
import fc from 'fast-check';
import { bookingWorkflow } from '../../src/workflows/booking/workflow';
import { plan } from './plan';
import { simulate } from './simulate';

/** What many lives came to. */
export interface Played {
  /** How many ended with each status. */
  ends: Record<string, number>;
  replays: number;
  /** By the CPU's time of this process. */
  livesPerMinute: number;
}

/**
 * Plays so many lives; the same seed plays the same ones.
 *
 * @throws with a shrunk life that broke a promise, and with what it broke.
 */
export async function playLives({ lives, seed }: { lives: number; seed: number }): Promise<Played> {
  const ends: Record<string, number> = {};
  let replays = 0;
  const cpu = process.cpuUsage();
  await fc.assert(
    fc.asyncProperty(plan, async (life) => {
      const ended = await simulate(bookingWorkflow, life);
      ends[ended.status] = (ends[ended.status] ?? 0) + 1;
      replays += ended.replays;
      if (ended.findings.length > 0) throw new Error(ended.findings.join('\n'));
    }),
    { numRuns: lives, seed },
  );
  const { user, system } = process.cpuUsage(cpu);
  return { ends, replays, livesPerMinute: Math.round((lives / (user + system)) * 60e6) };
}
