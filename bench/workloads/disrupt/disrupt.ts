import { setTimeout as sleep } from 'node:timers/promises';
import { takeSteps } from '../../../scripts/stack/steps';
import { closedLoop, rateOf } from '../../drive/closed-loop';
import type { Shop } from '../../drive/customer';
import { Purchases } from '../../drive/purchases';
import { watchProcesses } from '../../measure/processes';
import { rounded } from '../../report/numbers';
import { sellOnLab } from '../sell-on-lab';
import { withOurs, type Bench } from '../bench';
import { step, type Say } from '../step';
import type { Findings } from '../workload';
import { Airline } from './airline';
import { findingsOf, newPhase, type Observations, type Phase } from './findings';
import { departAt, longestHistory, readProgress, secondsUntil } from './progress';

const CLIENTS = 16;

/** Foreground: a share of the peak that leaves room for other work. */
const SHARE_OF_PEAK = 0.25;

/** As many bookings as a full narrow-body has. */
const OF_FLIGHT = 180;

/**
 * The flights leave one after another, several times as often as in a day of theirs. Their bookings
 * come due as often as outcomes are carried out in the background.
 */
const GAP_SECONDS = 180;

/** Fewer than are told in fact: the flights leave when all have been. */
const TOLD_PER_SECOND = 3;

/** A minute, and four times as long as it takes where nothing is wrong. */
const timeoutOf = (bookings: number) => 60_000 + (4_000 * bookings) / TOLD_PER_SECOND;

/**
 * The airline cancels the flights of a day while customers book others. First one flight alone; then
 * all others at once. Nobody responds: when the flights were to leave, all money goes back.
 */
export async function disrupt(bench: Bench): Promise<Findings> {
  return withOurs(bench, {}, async ({ lab, system, shop, instruments }) => {
    const { databaseUrl } = lab.cluster;
    const { disruptedBookings: count, beforeSeconds, warmUp, duration } = bench.options;
    const timeoutMs = timeoutOf(count);
    const flights = lab.flights.slice(0, Math.ceil(count / OF_FLIGHT));
    const [first = '', ...others] = flights;
    const rest: Shop = { ...shop, flights: lab.flights.slice(flights.length) };
    const airline = await Airline.open(shop);
    const seen: Observations = {
      count,
      flights: flights.length,
      ofFlight: OF_FLIGHT,
      gapSeconds: GAP_SECONDS,
      rate: 0,
      sold: 0,
      faults: [],
      before: newPhase(),
      telling: newPhase(),
      settling: newPhase(),
      toldFlightSeconds: NaN,
      toldSeconds: NaN,
      settledSeconds: NaN,
      progress: undefined,
      longest: undefined,
    };
    let bookings: string[] = [];
    /** Lets customers buy while something goes on, and reads what all of it costs. */
    const meanwhile = async (phase: Phase, work: () => Promise<void>) => {
      const until = new AbortController();
      const watch = watchProcesses(instruments.runDir, system.parts);
      const begun = performance.now();
      const purchases = new Purchases(rest);
      const buying = purchases.run(
        seen.rate,
        { seconds: timeoutMs / 1000, until: until.signal },
        (from) => phase.requests.noteSince(from),
      );
      await work().finally(() => until.abort());
      phase.seconds = (performance.now() - begun) / 1000;
      phase.usage = watch?.finish();
      await buying;
      seen.sold += purchases.sold;
      seen.faults.push(...purchases.faults);
    };
    /** Waits until all bookings of cancelled flights are told. Returns the seconds. */
    const cancelFlights = async (cancelled: string[], affectedInAll: number, say: Say) => {
      const from = performance.now();
      await Promise.all(cancelled.map((id) => airline.cancelFlight(id)));
      await secondsUntil(
        databaseUrl,
        ({ affected, untold }) => affected >= affectedInAll && untold === 0,
        { timeoutMs, say: ({ untold }) => say(`${untold} are not told`) },
      );
      return (performance.now() - from) / 1000;
    };
    /** Waits until the provider has sent back so many payments. Returns the seconds. */
    const refunded = (wanted: number, say: Say) =>
      secondsUntil(databaseUrl, ({ providerRefunds }) => providerRefunds >= wanted, {
        timeoutMs,
        say: ({ providerRefunds }) => say(`${providerRefunds} of ${wanted} are refunded`),
      });
    let leavesAt = 0;
    await takeSteps([
      step('Peak', async () => {
        const load = { clients: CLIENTS, warmUpSeconds: warmUp, seconds: duration };
        const tally = await closedLoop(rest, load);
        seen.rate = SHARE_OF_PEAK * rateOf(tally);
        seen.sold = tally.bookingsInAll;
        return `${rounded(rateOf(tally), 1)} bookings/s`;
      }),
      step(`${count} bookings of ${flights.length} flights`, async (say) => {
        bookings = await sellOnLab(
          { lab, instruments },
          { flights, count, ofFlight: OF_FLIGHT },
          say,
        );
        return undefined;
      }),
      step('One flight is cancelled', async (say) => {
        leavesAt = Date.now() + (count / TOLD_PER_SECOND + beforeSeconds) * 1000;
        await departAt(databaseUrl, flights, new Date(leavesAt), GAP_SECONDS);
        seen.toldFlightSeconds = await cancelFlights([first], seen.ofFlight, say);
        return `all are told after ${rounded(seen.toldFlightSeconds, 1)} s`;
      }),
      step('Others buy', async () => {
        await meanwhile(seen.before, () => sleep(beforeSeconds * 1000));
        return `p99 ${Math.round(seen.before.requests.latency.p99Ms)} ms`;
      }),
      step('All other flights are cancelled', async (say) => {
        await meanwhile(seen.telling, async () => {
          seen.toldSeconds = await cancelFlights(others, count, say);
        });
        return `all are told after ${rounded(seen.toldSeconds, 1)} s`;
      }),
      step('Nobody responds, and the money goes back', async (say) => {
        await sleep(Math.max(0, leavesAt - Date.now()));
        await meanwhile(seen.settling, async () => {
          seen.settledSeconds = await refunded(count, say);
        });
        return `after ${rounded(seen.settledSeconds, 1)} s`;
      }),
      step('Its auditor', async () => {
        seen.progress = await readProgress(databaseUrl);
        seen.longest = await longestHistory(instruments.temporal, bookings);
        seen.faults.push(...(await system.audit(seen.sold)));
        return undefined;
      }),
    ]);
    return findingsOf(seen);
  });
}
