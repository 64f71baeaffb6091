import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../scripts/stack/ports';
import { takeSteps } from '../../../scripts/stack/steps';
import { closedLoop, rateOf } from '../../drive/closed-loop';
import { Purchases } from '../../drive/purchases';
import { rounded } from '../../report/numbers';
import { withOurs, type Bench, type OurStack } from '../bench';
import { step } from '../step';
import type { Findings } from '../workload';
import { findingsOf, type Sampled } from './findings';
import { Gauges } from './gauges';

/** Customers at once who show what the peak is. */
const PEAK_CLIENTS = 16;

/** Of the peak: as full as a system is that is to last. */
const SHARE = 0.7;

const SAMPLE_EVERY_MS = 5_000;

/**
 * Purchases at a steady rate, at 70 % of the peak, for minutes or hours. Looks every five seconds at
 * whatever could grow: memory, handles, connections, tables, indexes, WAL, histories.
 */
export async function soak(bench: Bench): Promise<Findings> {
  const metricsPort = String(await freePort());
  const env = (name: string): Record<string, string> =>
    name === 'worker-1' ? { METRICS_PORT: metricsPort } : {};
  return withOurs(bench, { env }, (stack) => measure(bench, stack, Number(metricsPort)));
}

async function measure(bench: Bench, stack: OurStack, metricsPort: number): Promise<Findings> {
  const { soakMinutes, warmUp, duration } = bench.options;
  const [apiUrl = ''] = stack.system.apiUrls;
  const gauges = new Gauges(stack, {
    API: `${apiUrl}/metrics`,
    worker: `http://127.0.0.1:${metricsPort}/metrics`,
  });
  const purchases = new Purchases(stack.shop);
  const sampled: Sampled[] = [];
  let peak = 0;
  let sold = 0;
  const faults: string[] = [];
  await takeSteps([
    step(`Peak, ${PEAK_CLIENTS} clients`, async () => {
      const load = { clients: PEAK_CLIENTS, warmUpSeconds: warmUp, seconds: duration };
      const tally = await closedLoop(stack.shop, load);
      peak = rateOf(tally);
      sold += tally.bookingsInAll;
      faults.push(...[...tally.errors].map(([code, count]) => `${code}: ${count}`));
      return `${rounded(peak, 1)} bookings/s`;
    }),
    step(`${soakMinutes} minutes at ${100 * SHARE} % of it`, async (say) => {
      const begunAt = performance.now();
      const load = purchases.run(peak * SHARE, { seconds: soakMinutes * 60 });
      const ended = load.then(() => true);
      do {
        const seconds = (performance.now() - begunAt) / 1_000;
        sampled.push({ seconds, sample: await gauges.read() });
        say(`${Math.round(seconds)} s, ${purchases.sold} sold`);
      } while (!(await Promise.race([ended, sleep(SAMPLE_EVERY_MS, false)])));
      await load;
      return `${purchases.sold} sold`;
    }),
    step('Its auditor', async () => {
      faults.push(...purchases.faults, ...(await stack.system.audit(sold + purchases.sold)));
      return undefined;
    }),
  ]);
  return findingsOf({ peak, rate: peak * SHARE, minutes: soakMinutes, purchases, sampled, faults });
}
