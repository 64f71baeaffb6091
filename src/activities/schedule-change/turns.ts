import { setTimeout as sleep } from 'node:timers/promises';

/** Telling bookings must leave the worker and Temporal to customers who book and pay. */
export interface TellingLimits {
  /** Pages that one worker tells at once. Its slots for activities are those of payments, too. */
  pagesAtOnce: number;
  /** Bookings that one worker tells in a second. */
  perSecond: number;
  /** The same while other flights wait for their turn. */
  perSecondInACrowd: number;
}

/**
 * For two cores, which sell some ten bookings a second: a booking that is told costs a third of one
 * that is sold. One flight with 180 bookings takes under half a minute, which is promised. A day's
 * flights take long in any case: customers who book come first.
 */
export const TELLING_LIMITS: TellingLimits = {
  pagesAtOnce: 2,
  perSecond: 7,
  perSecondInACrowd: 3.5,
};

/** A page that has to wait asks again after this time. */
const ASKS_AGAIN_MS = 3_000;

/**
 * At least so long after another one: of a day's flights dozens wait, and their questions would cost
 * more than what is told meanwhile.
 */
const BETWEEN_TWO_MS = 1_000;

/** Whose turn it is to tell bookings, among the schedule changes of one worker. */
export class Turns {
  private pages = 0;
  private nextAt = 0;
  private lastAsksAt = 0;
  private lastWaitedAt = -Infinity;

  constructor(private readonly limits: TellingLimits) {}

  /** Tells a page, unless as many are being told as may be. Returns undefined then. */
  async takePage<T>(tell: () => Promise<T>): Promise<T | undefined> {
    if (this.pages >= this.limits.pagesAtOnce) {
      this.lastWaitedAt = performance.now();
      return undefined;
    }
    this.pages += 1;
    try {
      return await tell();
    } finally {
      this.pages -= 1;
    }
  }

  /** Returns after how many milliseconds a page that has to wait is to ask again. */
  asksAgainInMs(): number {
    const now = performance.now();
    this.lastAsksAt = Math.max(now + ASKS_AGAIN_MS, this.lastAsksAt + BETWEEN_TWO_MS);
    return Math.round(this.lastAsksAt - now);
  }

  /** Waits until the next booking may be told, in the order in which they asked. */
  async nextBooking(): Promise<void> {
    const at = Math.max(performance.now(), this.nextAt);
    this.nextAt = at + 1000 / this.perSecond;
    const waitMs = at - performance.now();
    if (waitMs > 0) await sleep(Math.ceil(waitMs));
  }

  /** Whoever waits asks again within this time, or is not there any more. */
  private get perSecond(): number {
    const isCrowd = performance.now() - this.lastWaitedAt < 2 * ASKS_AGAIN_MS;
    return isCrowd ? this.limits.perSecondInACrowd : this.limits.perSecond;
  }
}
