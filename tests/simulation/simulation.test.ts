import './virtual-time';
import fc from 'fast-check';
import { bookingWorkflow } from '../../src/workflows/booking/workflow';
import { plan } from './plan';
import { simulate } from './simulate';

const RUNS = Number(process.env.SIMULATIONS ?? 500);
const SEED = Number(process.env.SEED ?? 1);

test('whatever comes in whatever order, a booking keeps its promises', async () => {
  const started = performance.now();
  const statuses: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(plan, async (life) => {
      const { status, findings } = await simulate(bookingWorkflow, life);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (findings.length > 0) throw new Error(findings.join('\n'));
    }),
    { numRuns: RUNS, seed: SEED },
  );
  console.log(statuses, Math.round((RUNS / (performance.now() - started)) * 60_000), 'a minute');
});
