import { activityInfo } from '@temporalio/activity';
import { cancelUnpaidBooking } from '../db/bookings/cancel-unpaid';
import { readSoldBooking } from '../db/bookings/earlier-reservation-view';
import { reserve } from '../db/bookings/reservations';
import { abridged, completed } from '../domain/abridged';
import type { Booking, CancellationReason } from '../domain/booking';
import type {
  BookingRequest,
  ReservationResult,
  RestoredBooking,
} from '../temporal/contracts/booking';
import type { ActivityDependencies } from './dependencies';
import { refusalsAreFinal } from './refusals';

/**
 * The activities that take seats off sale and put them back. All are short, use PostgreSQL only,
 * and are safe to repeat.
 */
export function reservationActivities(deps: ActivityDependencies) {
  const { db, paymentWindowSeconds, limits } = deps;
  return {
    /** Holds the seats of a booking until its deadline, or returns why not. */
    async reserveSeats(
      request: BookingRequest,
      { requestedAt, heldAt }: { requestedAt: string; heldAt: string },
    ): Promise<ReservationResult> {
      const terms = {
        requestedAt: new Date(requestedAt),
        heldAt: new Date(heldAt),
        paymentWindowSeconds,
        ...limits,
      };
      const reservation = await refusalsAreFinal(() => reserve(db, request, terms));
      if (reservation.outcome !== 'held') return reservation;
      return { ...abridge(reservation), ...tries(), looksAtClockAgain: true, ...AS_TODAY };
    },

    /**
     * Reads a booking that was sold, so that its workflow can take it up again. Changes nothing.
     *
     * @throws ApplicationFailure `booking_not_found` when this customer has no such booking, or
     * nobody has paid for it.
     */
    async restoreBooking({ bookingId, customerId }: RestoredBooking): Promise<ReservationResult> {
      return refusalsAreFinal(async () => {
        const sold = await readSoldBooking(db, { bookingId, customerId });
        return { ...sold, ...tries(), ...AS_TODAY };
      });
    },

    /**
     * Cancels an unpaid booking and puts its seats back on sale. A cancelled one stays as it is.
     */
    async releaseSeats(
      request: BookingRequest,
      {
        reason,
        actor,
        said,
        note,
        requestedAt,
      }: {
        reason: CancellationReason;
        actor: string;
        said?: string;
        note?: string;
        requestedAt: string;
      },
    ): Promise<Booking> {
      return cancelUnpaidBooking(db, request, {
        reason,
        actor,
        reasonGiven: said,
        note,
        requestedAt: new Date(requestedAt),
      });
    },
  };
}

/** How workflows go on that begin now. */
const AS_TODAY = { paysInOneActivity: true, staysOpen: true } as const;

function tries(): { wasRetried?: true } {
  return activityInfo().attempt > 1 ? { wasRetried: true } : {};
}

type Held = Extract<ReservationResult, { outcome: 'held' }>;

/**
 * Abridges the booking, if it comes back letter by letter: one that an earlier release bound to its
 * key travels as it is.
 */
function abridge(held: Held): Held {
  const booking = abridged(held.booking);
  const isExact = JSON.stringify(completed(booking)) === JSON.stringify(held.booking);
  return isExact ? { ...held, booking, isAbridged: true } : held;
}
