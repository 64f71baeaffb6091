import { takeSteps } from '../../../scripts/stack/steps';
import { browseAndBuy, routesOf } from '../../drive/browse';
import { closedLoop, rateOf } from '../../drive/closed-loop';
import { rounded } from '../../report/numbers';
import { withOurs, type Bench, type OurStack } from '../bench';
import { step } from '../step';
import type { Findings } from '../workload';
import { findingsOf, type Observations } from './findings';
import { Flood } from './flood';
import { watchLiveness } from './liveness';
import { secondsUntilUsual, usualPurchaseMs } from './recovery';
import { countHoldsOf, waitForReservations } from './unknown-holds';
import { watchFlood } from './watch-flood';

/** The load, as a multiple of what the system can do. */
const TIMES_CAPACITY = 4;

/** The peak is the better of these. */
const PEAK_CLIENTS = [16, 48];

/**
 * Four times as many requests as the system can serve, on a schedule: what it still serves, how soon
 * it refuses the rest, and how soon it is well again.
 */
export async function overload(bench: Bench): Promise<Findings> {
  return withOurs(bench, {}, async (stack) => {
    const observations = await observe(stack, bench.options);
    return findingsOf(observations);
  });
}

async function observe(
  { lab, system, instruments, shop }: OurStack,
  { duration, warmUp, overloadSeconds: seconds }: Bench['options'],
): Promise<Observations> {
  const routes = await routesOf(lab.cluster.databaseUrl);
  const flood = new Flood(shop, routes);
  const seen: Observations = {
    flood,
    seconds,
    peak: 0,
    usualMs: 0,
    unknownHolds: 0,
    faults: [],
    recoveredSeconds: undefined,
    liveness: undefined,
    course: [],
  };
  let soldBefore = 0;
  await takeSteps([
    ...PEAK_CLIENTS.map((clients) =>
      step(`Peak of searches, creates and pays, ${clients} clients`, async () => {
        const load = { clients, warmUpSeconds: warmUp, seconds: duration };
        const tally = await closedLoop(shop, load, browseAndBuy(routes));
        soldBefore += tally.bookingsInAll;
        seen.peak = Math.max(seen.peak, rateOf(tally));
        seen.faults.push(...[...tally.errors].map(([code, count]) => `${code}: ${count}`));
        return `${rounded(rateOf(tally), 1)} bookings/s`;
      }),
    ),
    step('A single purchase', async () => {
      seen.usualMs = await usualPurchaseMs(shop);
      return `${Math.round(seen.usualMs)} ms`;
    }),
    step(`${TIMES_CAPACITY} times the peak for ${seconds} s`, async () => {
      const stopWatching = watchLiveness(shop.apiUrls[0] ?? '');
      const stopCounting = watchFlood(flood);
      await flood.send(TIMES_CAPACITY * seen.peak, seconds);
      seen.recoveredSeconds = await secondsUntilUsual(shop, seen.usualMs);
      await flood.settle();
      seen.course = stopCounting();
      seen.liveness = await stopWatching();
      return `${flood.servedInTime.pay} sold, ${recoveryInShort(seen.recoveredSeconds)}`;
    }),
    step('Holds behind a refusal', async () => {
      await waitForReservations(instruments.temporal).catch((error: unknown) =>
        seen.faults.push(String(error)),
      );
      seen.unknownHolds = await countHoldsOf(lab.cluster.databaseUrl, flood.refusedKeys);
      return `${seen.unknownHolds} of ${flood.refusedKeys.length}`;
    }),
    step('Its auditor', async () => {
      seen.faults.push(...(await system.audit(soldBefore + flood.sold)));
      return undefined;
    }),
  ]);
  return seen;
}

function recoveryInShort(seconds: number | undefined): string {
  return seconds === undefined ? 'not well again' : `well again after ${rounded(seconds, 1)} s`;
}
