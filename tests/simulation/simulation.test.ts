import './virtual-time';
import fc from 'fast-check';
import { bookingWorkflow } from '../../src/workflows/booking/workflow';
import { KEPT_LIVES } from './kept-lives';
import { plan } from './plan';
import { simulate } from './simulate';

/** Some ten seconds of CPU. `SIMULATIONS` asks for more, `SEED` for others. */
const LIVES = Number(process.env.SIMULATIONS ?? 800);
const SEED = Number(process.env.SEED ?? 1);

test('whatever comes in whatever order, a booking keeps its promises', async () => {
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
    { numRuns: LIVES, seed: SEED },
  );
  const { user, system } = process.cpuUsage(cpu);
  const perMinute = Math.round((LIVES / (user + system)) * 60e6);
  console.log(`SEED=${SEED}: ${LIVES} lives, ${perMinute} a minute of CPU;`, ends, { replays });
  // Had the models refused everything, no promise would have been at stake.
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(['booked', 'cancelled']));
});

test.each(Object.entries(KEPT_LIVES))('kept: %s', async (_, life) => {
  expect((await simulate(bookingWorkflow, life)).findings).toEqual([]);
});
