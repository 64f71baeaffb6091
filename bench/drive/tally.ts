import { build, type Histogram } from 'hdr-histogram-js';

/** `both`: from the create to the captured payment. */
export const STEPS = ['create', 'pay', 'both'] as const;

export type Step = (typeof STEPS)[number];

export interface Latency {
  count: number;
  p50Ms: number;
  p99Ms: number;
}

/**
 * Three digits of a time are more than a benchmark can tell apart; a minute is longer than anyone
 * waits.
 */
const HISTOGRAM = { highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 } as const;

/**
 * Counts what happens in the measured part of a run. Errors count from the first second to the
 * last.
 */
export class Tally {
  seconds = 0;
  /** Of the measured part. */
  readonly bookingIds: string[] = [];
  /** Of the whole run, with the warm-up and what was finished afterwards. */
  bookingsInAll = 0;
  readonly errors = new Map<string, number>();
  private startedAt: number | undefined;
  private isOver = false;
  private readonly microseconds: Record<Step, Histogram> = {
    create: build(HISTOGRAM),
    pay: build(HISTOGRAM),
    both: build(HISTOGRAM),
  };

  begin(): void {
    this.startedAt = performance.now();
  }

  end(): void {
    this.seconds = (performance.now() - (this.startedAt ?? 0)) / 1000;
    this.isOver = true;
  }

  /** Notes how long a step took, if it ended in the measured time. */
  async time<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const result = await work();
    if (this.counts) this.microseconds[step].recordValue((performance.now() - from) * 1000);
    return result;
  }

  countBooking(bookingId: string): void {
    this.bookingsInAll += 1;
    if (this.counts) this.bookingIds.push(bookingId);
  }

  countError(code: string): void {
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  latencyOf(step: Step): Latency {
    const histogram = this.microseconds[step];
    const milliseconds = (percentile: number) =>
      Math.round(histogram.getValueAtPercentile(percentile) / 10) / 100;
    return { count: histogram.totalCount, p50Ms: milliseconds(50), p99Ms: milliseconds(99) };
  }

  private get counts(): boolean {
    return this.startedAt !== undefined && !this.isOver;
  }
}
