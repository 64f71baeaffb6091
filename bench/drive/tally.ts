import { Times, type Latency } from './times';

/** `both`: from the create to the captured payment. */
export const STEPS = ['create', 'pay', 'both'] as const;

export type Step = (typeof STEPS)[number];

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
  private readonly times: Record<Step, Times> = {
    create: new Times(),
    pay: new Times(),
    both: new Times(),
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
    if (this.counts) this.times[step].noteSince(from);
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
    return this.times[step].latency;
  }

  private get counts(): boolean {
    return this.startedAt !== undefined && !this.isOver;
  }
}
