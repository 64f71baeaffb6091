import type { ApplicationFailure } from '@temporalio/workflow';
import type { Booking } from '../../domain/booking';
import type { Actor } from '../../domain/booking-event';
import type { StandingOffer } from '../../temporal/contracts/schedule-change';

/** New times that a person accepts. */
export interface Acceptance {
  kind: 'accept';
  by: Actor;
  /** The schedule change that they have seen, or else was offered when they accepted, if any. */
  scheduleChangeId: string | undefined;
  /** Set once it is carried out, or refused. */
  booking?: Booking;
  refusal?: ApplicationFailure;
}

/** What a booking's workflow knows of the schedule changes of its flights. */
export class ScheduleChanges {
  /** A schedule change has come that was not read yet. */
  isDue = false;
  /** The offer that nobody has responded to. */
  offer: StandingOffer | undefined;
  readonly acceptances: Acceptance[] = [];

  /** Until when the booking's owner may respond, in milliseconds. */
  get respondBy(): number {
    return this.offer === undefined ? Infinity : Date.parse(this.offer.respondBy);
  }

  /** When the automatic outcome of the offer is due, in milliseconds. */
  get closesAt(): number {
    return this.offer?.closesAt === undefined ? this.respondBy : Date.parse(this.offer.closesAt);
  }

  /** Whether the outcome waits its turn: see `StandingOffer`. */
  get isClosedInBackground(): boolean {
    return this.offer?.closesAt !== undefined;
  }

  accept(by: Actor, seen: string | undefined): Acceptance {
    const acceptance: Acceptance = {
      kind: 'accept',
      by,
      scheduleChangeId: seen ?? this.offer?.scheduleChangeId,
    };
    this.acceptances.push(acceptance);
    return acceptance;
  }
}
