import { cancelBookedBooking, type CancelledSale } from '../../db/bookings/cancel-booked';
import { acceptOffer, makeOffer, type ToldBooking } from '../../db/schedule-changes/offers';
import type { Booking } from '../../domain/booking';
import { SYSTEM, type Actor } from '../../domain/booking-event';
import { automaticAction } from '../../domain/schedule-change-offer';
import { namesOf } from '../../payments/providers';
import type { StandingOffer } from '../../temporal/contracts/schedule-change';
import type { ActivityDependencies } from '../dependencies';
import { refusalsAreFinal } from '../refusals';

/** What followed when nobody had responded to a schedule change in time. */
export type ClosedScheduleChange =
  | { kind: 'cancelled'; sale: CancelledSale }
  | { kind: 'accepted'; booking: Booking }
  /** Another schedule change has come, which there is still time to respond to. */
  | { kind: 'offered'; booking: Booking; offer: StandingOffer }
  /** It was settled before. */
  | { kind: 'settled'; booking: Booking };

/** The activities of a booking whose flight the airline has changed. Each is safe to repeat. */
export function offerActivities({ db, providers }: ActivityDependencies) {
  return {
    /** Makes the owner of a booking the offer of its latest schedule change. */
    async tellOfScheduleChange(bookingId: string, now: string): Promise<ToldBooking> {
      return refusalsAreFinal(() => makeOffer(db, bookingId, new Date(now)));
    },

    /**
     * Accepts the new times for a person.
     *
     * @throws ApplicationFailure `schedule_change_closed` or `schedule_change_not_found`: nothing
     * has changed.
     */
    async acceptScheduleChange(
      bookingId: string,
      { by, scheduleChangeId, now }: { by: Actor; scheduleChangeId?: string; now: string },
    ): Promise<Booking> {
      const acceptance = { by, scheduleChangeId, at: new Date(now) };
      return refusalsAreFinal(() => acceptOffer(db, bookingId, acceptance));
    },

    /**
     * Carries out what follows when nobody has responded in time: a significant change cancels the
     * booking with a full refund, any other is accepted.
     *
     * A schedule change that the booking was not told of yet is read first. One that comes even
     * later makes this fail, and is read when it is tried again.
     */
    async closeScheduleChange(bookingId: string, now: string): Promise<ClosedScheduleChange> {
      const at = new Date(now);
      const told = await refusalsAreFinal(() => makeOffer(db, bookingId, at));
      if (told.kind === 'unpaid')
        throw new Error(`Bug: booking ${bookingId} waits for a response, and is not paid for`);
      if (told.kind === 'settled') return told;
      const { booking, offer } = told;
      if (Date.parse(offer.respondBy) > at.getTime()) return { kind: 'offered', booking, offer };
      const action = automaticAction(offer.isSignificant);
      switch (action) {
        case 'cancel':
          return refusalsAreFinal(async () => ({
            kind: 'cancelled',
            sale: await cancelBookedBooking(db, bookingId, {
              asOperator: false,
              actor: SYSTEM.id,
              because: 'flight_cancelled',
              // Whatever was late since: flights that leave from then on are not used.
              requestedAt: new Date(offer.respondBy),
              ourProviders: namesOf(providers),
            }),
          }));
        case 'accept': {
          const { scheduleChangeId } = offer;
          const acceptance = { by: null, scheduleChangeId, at };
          return { kind: 'accepted', booking: await acceptOffer(db, bookingId, acceptance) };
        }
        default:
          throw new Error(`Bug: ${String(action satisfies never)} is no action`);
      }
    },
  };
}
