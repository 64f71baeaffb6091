import { SEARCHES_PER_PURCHASE } from '../../drive/browse';
import { Times } from '../../drive/times';
import { rounded } from '../../report/numbers';
import type { Series } from '../../report/plots';
import type { Table } from '../../report/tables';
import type { Findings } from '../workload';
import { KINDS, type Flood } from './flood';
import type { Liveness } from './liveness';

export interface Observations {
  /** Bookings a second in a closed loop with the same mix. */
  peak: number;
  /** Of the flood. */
  seconds: number;
  /** A purchase alone, before. */
  usualMs: number;
  flood: Flood;
  recoveredSeconds: number | undefined;
  liveness: Liveness | undefined;
  /** What was served and refused from second to second, until all was answered. */
  course: Series[];
  /** Of clients that were refused, and told of no booking. */
  unknownHolds: number;
  faults: string[];
}

/** Longer than recovery is waited for: a figure for "not at all". */
const NEVER_SECONDS = 120;

export function findingsOf(seen: Observations): Findings {
  const { flood, peak, seconds, liveness } = seen;
  const refused = new Times();
  for (const kind of KINDS) refused.add(flood.replies[kind].refused);
  const { p50Ms, p99Ms, count } = refused.latency;
  const isNoneRefused = count === 0;
  const others = KINDS.reduce((sum, kind) => sum + flood.replies[kind].othersInAll, 0);
  const livezMs = liveness === undefined ? undefined : liveness.times.latency.maxMs;
  const failed = liveness?.failed ?? 0;
  return {
    workload: 'overload',
    notes: notesOf(seen),
    tables: [floodTable(seen)],
    plot: { scale: 'absolute', series: seen.course },
    bars: [
      {
        what: 'bookings/s at 4 × the peak ÷ the peak',
        value: flood.servedInTime.pay / seconds / peak,
        limit: { atLeast: 0.9 },
      },
      {
        what: 'median of a refusal, ms',
        value: isNoneRefused ? undefined : p50Ms,
        limit: { atMost: 100 },
      },
      {
        what: 'p99 of a refusal, ms',
        value: isNoneRefused ? undefined : p99Ms,
        limit: { atMost: 1_000 },
      },
      { what: 'requests neither served nor refused', value: others, limit: { atMost: 0 } },
      {
        what: 'holds behind a 503 that names no booking',
        value: seen.unknownHolds,
        limit: { atMost: 0 },
      },
      { what: 'slowest /livez, ms', value: livezMs, limit: { atMost: 1_000 } },
      { what: '/livez without a 200', value: failed, limit: { atMost: 0 } },
      {
        what: 'seconds until a purchase is normal again',
        value: seen.recoveredSeconds ?? NEVER_SECONDS,
        limit: { atMost: 5 },
      },
    ],
    faults: seen.faults,
  };
}

function notesOf({ flood, peak, usualMs, seconds }: Observations): string[] {
  const others = KINDS.flatMap((kind) =>
    [...flood.replies[kind].others].map(([code, count]) => `${kind} ${code} (${count})`),
  );
  return [
    `The peak, in a closed loop of the same mix, was ${rounded(peak, 1)} bookings/s. For ` +
      `${seconds} s creates came at four times that rate, ${SEARCHES_PER_PURCHASE} searches with ` +
      `each, and a pay for each booking that was reserved.`,
    `A purchase alone took ${Math.round(usualMs)} ms before. ` +
      `${flood.refusedWithBooking} creates were refused with the ID of a booking. ` +
      `The benchmark itself was up to ${Math.round(flood.latenessP99Ms)} ms late (p99).`,
    ...(others.length === 0 ? [] : [`Neither served nor refused: ${others.join(', ')}.`]),
  ];
}

function floodTable({ flood, seconds }: Observations): Table {
  const columns = ['sent/s', 'served/s', 'p50 ms', 'p99', 'refused', 'p50 ms', 'p99', 'other'];
  return [
    ['requests', ...columns],
    ...KINDS.map((kind) => {
      const { served, refused, othersInAll } = flood.replies[kind];
      const rates = [flood.begun[kind] / seconds, flood.servedInTime[kind] / seconds];
      const quick = [served.latency.p50Ms, served.latency.p99Ms].map(Math.round);
      const { count, p50Ms, p99Ms } = refused.latency;
      return [
        ...[kind, ...rates.map((rate) => rounded(rate, 1)), ...quick],
        ...[count, ...[p50Ms, p99Ms].map(Math.round), othersInAll],
      ];
    }),
  ];
}
