import { latencyRow, Times } from '../../drive/times';
import type { Usage } from '../../measure/processes';
import { rounded } from '../../report/numbers';
import type { Findings } from '../workload';
import type { Progress } from './progress';

/** A time in which customers buy while something goes on. */
export interface Phase {
  /** The requests of those customers. */
  requests: Times;
  seconds: number;
  /** Undefined where it can't be read. */
  usage: Usage | undefined;
}

export function newPhase(): Phase {
  return { requests: new Times(), seconds: NaN, usage: undefined };
}

export interface Observations {
  /** Bookings of cancelled flights in all, their flights, and those of the first one. */
  count: number;
  flights: number;
  ofFlight: number;
  /** Between the departures of two of the flights. */
  gapSeconds: number;
  /** Purchases a second in the foreground. */
  rate: number;
  /** Before, while bookings are told, and while money goes back. */
  before: Phase;
  telling: Phase;
  settling: Phase;
  toldFlightSeconds: number;
  toldSeconds: number;
  settledSeconds: number;
  progress: Progress | undefined;
  longest: { ofBookings: number; ofScheduleChanges: number } | undefined;
  sold: number;
  faults: string[];
}

export function findingsOf(seen: Observations): Findings {
  const { count, flights, ofFlight, gapSeconds, rate, progress, longest, faults } = seen;
  const { toldFlightSeconds, toldSeconds, settledSeconds } = seen;
  const [before, telling, settling] = [seen.before, seen.telling, seen.settling].map(
    ({ requests }) => requests.latency,
  );
  if (before === undefined || telling === undefined || settling === undefined)
    throw new Error('Bug: a phase is missing');
  return {
    workload: 'disrupt',
    notes: [
      `${count} bookings of ${flights} flights, each with a workflow of its own. One flight alone, ` +
        `with ${ofFlight} bookings: all were told after ${rounded(toldFlightSeconds, 1)} s. The ` +
        `others at once: after ${rounded(toldSeconds, 1)} s. Nobody responded: the last money went ` +
        `back ${rounded(settledSeconds, 1)} s after the first of their flights was to leave; one ` +
        `left every ${gapSeconds} s. In the foreground came ${rounded(rate, 2)} purchases a second, a ` +
        `quarter of the peak.`,
    ],
    tables: [
      [
        ['requests of the foreground', 'number', 'p50 ms', 'p99', 'slowest'],
        latencyRow('before', before),
        latencyRow('while bookings are told', telling),
        latencyRow('while money goes back', settling),
      ],
      costTable(seen),
    ],
    bars: [
      {
        what: `seconds until a flight’s ${ofFlight} bookings are told`,
        value: toldFlightSeconds,
        limit: { atMost: 30 },
      },
      {
        what: 'foreground p99 while bookings are told ÷ before',
        value: telling.p99Ms / before.p99Ms,
        limit: { atMost: 1.5 },
      },
      {
        what: 'foreground p99 while money goes back ÷ before',
        value: settling.p99Ms / before.p99Ms,
        limit: { atMost: 1.5 },
      },
      {
        what: 'bookings not told, or not settled',
        value: progress && Math.max(count - progress.settled, progress.failed),
        limit: { atMost: 0 },
      },
      {
        what: 'refunds missing, or made twice',
        value:
          progress &&
          Math.abs(progress.providerRefunds - count) + Math.abs(progress.refunds - count),
        limit: { atMost: 0 },
      },
      {
        what: 'cents that the provider sent back beside what was paid',
        value: progress && Math.abs(progress.owed - progress.returned),
        limit: { atMost: 0 },
      },
      {
        what: 'events of a booking’s longest history',
        value: longest?.ofBookings,
        limit: { atMost: 2_000 },
      },
      {
        what: 'events of a schedule change’s longest history',
        value: longest?.ofScheduleChanges,
        limit: { atMost: 2_000 },
      },
    ],
    faults,
  };
}

/**
 * What each booking costs beside the foreground, whose cost in each second is that of before. The
 * phases last for as long as their work does.
 */
function costTable({ before, telling, settling, count, ofFlight }: Observations) {
  const parts = Object.keys(before.usage?.parts ?? {});
  const perSecond = (part: string) => (before.usage?.parts[part]?.cpuMs ?? NaN) / before.seconds;
  const row = (name: string, { usage, seconds }: Phase, bookings: number) => {
    const each = parts.map((part) => {
      const spent = usage?.parts[part]?.cpuMs ?? NaN;
      return (spent - perSecond(part) * seconds) / bookings;
    });
    const all = each.reduce((sum, one) => sum + one, 0);
    return [name, ...[all, ...each].map((one) => rounded(one, 1))];
  };
  return [
    ['CPU ms per booking', 'all', ...parts],
    row('told', telling, count - ofFlight),
    row('settled', settling, count),
  ];
}
