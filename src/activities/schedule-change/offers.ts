import { cancelBookedBooking, type CancelledSale } from '../../db/bookings/cancel-booked';
import { readKnownBooking } from '../../db/bookings/booking-view';
import {
  acceptOffer,
  findOffer,
  makeOffer,
  type ToldBooking,
} from '../../db/schedule-changes/offers';
import type { Booking } from '../../domain/booking';
import { SYSTEM, type Actor } from '../../domain/booking-event';
import { automaticAction } from '../../domain/schedule-change-offer';
import { namesOf } from '../../payments/providers';
import type { ActivityDependencies } from '../dependencies';
import { refusalsAreFinal } from '../refusals';

/** What followed when nobody had responded to a schedule change in time. */
export type ClosedScheduleChange =
  | { kind: 'cancelled'; sale: CancelledSale }
  | { kind: 'accepted'; booking: Booking }
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
     */
    async closeScheduleChange(bookingId: string, now: string): Promise<ClosedScheduleChange> {
      const offer = await findOffer(db, bookingId);
      if (offer === undefined)
        return { kind: 'settled', booking: await readKnownBooking(db, bookingId) };
      const at = new Date(now);
      const action = automaticAction(offer.isSignificant);
      switch (action) {
        case 'cancel':
          return refusalsAreFinal(async () => ({
            kind: 'cancelled',
            sale: await cancelBookedBooking(db, bookingId, {
              asOperator: false,
              actor: SYSTEM.id,
              because: 'flight_cancelled',
              requestedAt: at,
              ourProviders: namesOf(providers),
            }),
          }));
        case 'accept':
          return refusalsAreFinal(async () => ({
            kind: 'accepted',
            booking: await acceptOffer(db, bookingId, { by: null, at }),
          }));
        default:
          throw new Error(`Bug: ${String(action satisfies never)} is no action`);
      }
    },
  };
}
