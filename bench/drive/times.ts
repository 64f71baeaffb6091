import { build, type Histogram } from 'hdr-histogram-js';

export interface Latency {
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** Returns a row of a table: what it is of, how many, p50, p99 and the slowest, in whole ms. */
export function latencyRow(
  name: string,
  { count, p50Ms, p99Ms, maxMs }: Latency,
): [string, ...number[]] {
  return [name, count, ...[p50Ms, p99Ms, maxMs].map(Math.round)];
}

/**
 * Three digits of a time are more than a benchmark can tell apart; a minute is longer than anyone
 * waits.
 */
const HISTOGRAM = { highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 } as const;

/** How long something took, many times over. */
export class Times {
  private readonly microseconds: Histogram = build(HISTOGRAM);

  note(milliseconds: number): void {
    const { highestTrackableValue } = HISTOGRAM;
    const value = Math.round(Math.max(0, milliseconds) * 1000);
    this.microseconds.recordValue(Math.min(value, highestTrackableValue));
  }

  noteSince(from: number): void {
    this.note(performance.now() - from);
  }

  /** Takes in what another one has noted. */
  add(other: Times): void {
    this.microseconds.add(other.microseconds);
  }

  get latency(): Latency {
    const { totalCount, maxValue } = this.microseconds;
    const milliseconds = (microseconds: number) => Math.round(microseconds / 10) / 100;
    // A percentile is the upper end of its class, which may lie above the largest value.
    const percentile = (share: number) =>
      milliseconds(Math.min(maxValue, this.microseconds.getValueAtPercentile(share)));
    return {
      count: totalCount,
      p50Ms: percentile(50),
      p99Ms: percentile(99),
      maxMs: milliseconds(maxValue),
    };
  }
}
