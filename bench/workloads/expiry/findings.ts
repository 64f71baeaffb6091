import { latencyRow, type Times } from '../../drive/times';
import { rounded } from '../../report/numbers';
import type { Findings } from '../workload';

export interface Observations {
  /** Holds that were to end together, and how fast they were made. */
  count: number;
  holdsPerSecond: number;
  /** Purchases a second in the foreground. */
  rate: number;
  /** Requests of the foreground, by when they were due. */
  before: Times;
  during: Times;
  releases: { releases: number; medianSeconds: number; lastSeconds: number } | undefined;
  stillOpen: number;
  sold: number;
  faults: string[];
}

export function findingsOf(seen: Observations): Findings {
  const { count, rate, holdsPerSecond, releases, stillOpen, faults } = seen;
  const [before, during] = [seen.before.latency, seen.during.latency];
  return {
    workload: 'expiry',
    notes: [
      `${count} holds, made at ${rounded(holdsPerSecond, 1)} a second, ended when the sales of ` +
        `their flights closed. In the foreground came ${rounded(rate, 2)} purchases a second, a ` +
        `quarter of the peak. "During" is from that second until the last seat was back on sale.`,
      `${releases?.releases ?? 0} of the holds ended: the middle one ` +
        `${rounded(releases?.medianSeconds ?? 0, 1)} s after its deadline, the last one ` +
        `${rounded(releases?.lastSeconds ?? 0, 1)} s.`,
    ],
    tables: [
      [
        ['requests of the foreground', 'number', 'p50 ms', 'p99', 'slowest'],
        latencyRow('before', before),
        latencyRow('during', during),
      ],
    ],
    bars: [
      {
        what: 'foreground p99 while holds end ÷ before',
        value: during.p99Ms / before.p99Ms,
        limit: { atMost: 3 },
      },
      {
        what: 'holds that did not end',
        value: Math.max(stillOpen, count - (releases?.releases ?? 0)),
        limit: { atMost: 0 },
      },
    ],
    faults,
  };
}
