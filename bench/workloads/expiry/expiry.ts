import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../../src/cli/wait';
import { takeSteps } from '../../../scripts/stack/steps';
import { closedLoop, rateOf } from '../../drive/closed-loop';
import type { Shop } from '../../drive/customer';
import { makeHolds } from '../../drive/holds';
import { Purchases } from '../../drive/purchases';
import { Times } from '../../drive/times';
import { rounded } from '../../report/numbers';
import { withOurs, type Bench } from '../bench';
import { step } from '../step';
import type { Findings } from '../workload';
import { closeSalesAt, countHolds, releasesAfter } from './closing-flights';
import { findingsOf, type Observations } from './findings';

const CLIENTS = 16;

/** Holds that show how many a second the system makes. */
const TRIAL_HOLDS = 100;

/** Making thousands of holds may become slower than the trial was. */
const MARGIN = 1.5;

/** Foreground: a share of the peak that leaves room for other work. */
const SHARE_OF_PEAK = 0.25;

/** With so many holds on a flight, seats are left on all of them. */
const HOLDS_PER_FLIGHT = 80;

/** No hold ends before its flight closes. */
const ENV = { PAYMENT_WINDOW_SECONDS: '86400' };

const RELEASE_TIMEOUT_MS = 300_000;

/** Thousands of holds that end in the same second, while others go on buying. */
export async function expiry(bench: Bench): Promise<Findings> {
  return withOurs(bench, { env: () => ENV }, async ({ lab, system, shop }) => {
    const { databaseUrl } = lab.cluster;
    const { expiringHolds: count, beforeSeconds, warmUp, duration } = bench.options;
    const closing = lab.flights.slice(-Math.ceil(count / HOLDS_PER_FLIGHT));
    const rest: Shop = { ...shop, flights: lab.flights.slice(0, -closing.length) };
    const seen: Observations = {
      count,
      rate: 0,
      holdsPerSecond: 0,
      stillOpen: 0,
      sold: 0,
      faults: [],
      before: new Times(),
      during: new Times(),
      releases: undefined,
    };
    let closesAt = 0;
    const hold = async (shopOf: Shop, holds: number, onProgress: (made: number) => void) => {
      const from = performance.now();
      await makeHolds(shopOf, { count: holds, clients: CLIENTS }, onProgress);
      return holds / ((performance.now() - from) / 1000);
    };
    await takeSteps([
      step('Peak', async () => {
        const load = { clients: CLIENTS, warmUpSeconds: warmUp, seconds: duration };
        const tally = await closedLoop(rest, load);
        seen.rate = SHARE_OF_PEAK * rateOf(tally);
        seen.sold = tally.bookingsInAll;
        return `${rounded(rateOf(tally), 1)} bookings/s`;
      }),
      step(`${count} holds that end together`, async (say) => {
        const trial = await hold(rest, TRIAL_HOLDS, () => undefined);
        const seconds = (count / trial) * MARGIN + beforeSeconds;
        closesAt = Math.ceil(Date.now() / 1000 + seconds) * 1000;
        await closeSalesAt(databaseUrl, closing, new Date(closesAt));
        seen.holdsPerSecond = await hold({ ...shop, flights: closing }, count, (made) => {
          if (made % 100 === 0) say(`${made} of ${count}`);
        });
        if (Date.now() > closesAt - beforeSeconds * 1000)
          throw new Error('The holds took longer than their trial: they end too soon.');
        return `${rounded(seen.holdsPerSecond, 1)} a second`;
      }),
      step('Others buy, before and during', async (say) => {
        const waitMs = closesAt - beforeSeconds * 1000 - Date.now();
        say(`in ${Math.round(waitMs / 1000)} s`);
        await sleep(waitMs);
        const until = new AbortController();
        const purchases = new Purchases(rest);
        const boundary = performance.now() + (closesAt - Date.now());
        const seconds = beforeSeconds + RELEASE_TIMEOUT_MS / 1000;
        const buying = purchases.run(seen.rate, { seconds, until: until.signal }, (from) => {
          (from < boundary ? seen.before : seen.during).noteSince(from);
        });
        await sleep(closesAt - Date.now());
        await waitUntil(async () => (await countHolds(databaseUrl, closing)) === 0, {
          timeoutMs: RELEASE_TIMEOUT_MS,
          intervalMs: 500,
          onTimeout: () => new Error('Holds are still open.'),
        }).catch(() => undefined);
        until.abort();
        await buying;
        seen.sold += purchases.sold;
        seen.faults.push(...purchases.faults);
        seen.stillOpen = await countHolds(databaseUrl, closing);
        seen.releases = await releasesAfter(databaseUrl, closing, new Date(closesAt));
        return `the last one ended ${rounded(seen.releases.lastSeconds, 1)} s late`;
      }),
      step('Its auditor', async () => {
        seen.faults.push(...(await system.audit(seen.sold)));
        return undefined;
      }),
    ]);
    return findingsOf(seen);
  });
}
