import { nextLimit, type Steering } from './next-limit';

/** How long durations are collected before the limit changes, in milliseconds. */
const WINDOW_MS = 1_000;

/** Fewer durations than these say little. */
const LEAST_SAMPLES = 10;

/** A request in flight, or several that count as one because they have the same identity. */
export interface Slot {
  readonly identity: string | undefined;
  readonly since: number;
  requests: number;
}

/**
 * Counts the requests of one kind that are in flight, and admits no more than a limit, which adapts
 * to how long they take. `now` is a clock in milliseconds.
 */
export class ConcurrencyLimit {
  private limit: number;
  private slots = 0;
  private lastMeanMs = 0;
  private readonly shared = new Map<string, Slot>();
  private window = { endsAt: 0, ended: 0, totalMs: 0, peakInFlight: 0 };

  constructor(
    private readonly steering: Steering,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.limit = steering.least;
  }

  /** The limit now, how many are in flight, and their mean duration; 0 before the first. */
  get state(): { limit: number; inFlight: number; meanMs: number } {
    return { limit: this.limit, inFlight: this.slots, meanMs: this.lastMeanMs };
  }

  /** Returns a slot for a request; undefined when the limit is reached. */
  acquire(identity?: string): Slot | undefined {
    return this.join(identity) ?? (this.slots < this.limit ? this.take(identity) : undefined);
  }

  /** Returns a slot even past the limit, for a request that had one already. */
  reacquire(identity?: string): Slot {
    return this.join(identity) ?? this.take(identity);
  }

  /**
   * Gives a request's slot back. How long it was taken is a sample for the limit. A request that
   * was refused before its work is none: that takes no time, and would make the work look fast.
   */
  release(slot: Slot, { isSample }: { isSample: boolean }): void {
    slot.requests -= 1;
    if (slot.requests > 0) return;
    this.slots -= 1;
    if (slot.identity !== undefined) this.shared.delete(slot.identity);
    if (isSample) this.measure(this.now() - slot.since);
  }

  private join(identity: string | undefined): Slot | undefined {
    const slot = identity === undefined ? undefined : this.shared.get(identity);
    if (slot !== undefined) slot.requests += 1;
    return slot;
  }

  private take(identity: string | undefined): Slot {
    const slot = { identity, since: this.now(), requests: 1 };
    if (identity !== undefined) this.shared.set(identity, slot);
    this.slots += 1;
    this.window.peakInFlight = Math.max(this.window.peakInFlight, this.slots);
    return slot;
  }

  private measure(durationMs: number): void {
    const { window } = this;
    window.ended += 1;
    window.totalMs += durationMs;
    if (window.ended < LEAST_SAMPLES || this.now() < window.endsAt) return;
    const meanMs = window.totalMs / window.ended;
    this.lastMeanMs = meanMs;
    this.limit = nextLimit(
      this.limit,
      { meanMs, peakInFlight: window.peakInFlight },
      this.steering,
    );
    this.window = {
      endsAt: this.now() + WINDOW_MS,
      ended: 0,
      totalMs: 0,
      peakInFlight: this.slots,
    };
  }
}
