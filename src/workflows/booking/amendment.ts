import { condition, type ApplicationFailure } from '@temporalio/workflow';
import type { Booking } from '../../domain/booking';

/**
 * A corrected name, or other seats: what costs nothing and is done in a moment. It is carried out
 * between decisions, so that the seats of a booking are not sold or released meanwhile.
 */
export class Amendment {
  private outcome: { booking: Booking } | { refusal: ApplicationFailure } | undefined;

  constructor(
    /** What operators read once it is done: without names. */
    readonly note: string,
    /** Changes the booking in the database, and returns it. */
    readonly carryOut: () => Promise<Booking>,
  ) {}

  /**
   * Waits until it is carried out. Returns undefined when the booking is over before.
   *
   * @throws ApplicationFailure when it was refused: nothing has changed.
   */
  async toldToCaller(isOver: () => boolean): Promise<Booking | undefined> {
    await condition(() => this.outcome !== undefined || isOver());
    if (this.outcome === undefined) return undefined;
    if ('refusal' in this.outcome) throw this.outcome.refusal;
    return this.outcome.booking;
  }

  end(booking: Booking): void {
    this.outcome = { booking };
  }

  refuse(refusal: ApplicationFailure): void {
    this.outcome = { refusal };
  }
}
