import type { Booking, CancellationReason } from '../../domain/booking';
import { cancelledBy } from '../../domain/booking-event';
import type { BookingRequest } from '../../temporal/contracts';
import type { Db } from '../connection';
import { putSeatsOnSale } from '../seats/seats';
import { readKnownBooking } from './booking-view';
import { appendEvent } from './events';
import { noteFailedReservation } from './reservations';

export interface Cancellation {
  reason: CancellationReason;
  /** Who decided it: a customer's or operator's ID, or `system`. */
  actor: string;
  /** Why, in words that the booking's owner may read, if anyone gave any. */
  said?: string | undefined;
  /** What staff wrote for themselves, if anything. */
  note?: string | undefined;
  /** When the booking was asked for; only a booking that never got into the database needs it. */
  requestedAt: Date;
}

/**
 * Cancels a booking that isn't paid for, and puts its seats back on sale, in one transaction.
 *
 * Safe to retry: seats go back only while they are held by this booking, and a cancelled booking
 * stays as it is. A booking that never got into the database gets there cancelled, so that a claim
 * which is still on its way takes no seats.
 */
export async function cancelUnpaidBooking(
  db: Db,
  request: BookingRequest,
  { reason, actor, said, note, requestedAt }: Cancellation,
): Promise<Booking> {
  const { bookingId } = request;
  return db.transaction(async (trx) => {
    if (reason === 'reservation_failed') await noteFailedReservation(trx, request, requestedAt);
    const changed = await trx('bookings')
      .where({ id: bookingId })
      .whereIn('status', ['initiated', 'pending'])
      .update({ status: 'cancelled', cancellation_reason: reason });
    if (changed === 1) {
      await putSeatsOnSale(trx, bookingId, 'held');
      await appendEvent(trx, {
        bookingId,
        type: 'cancelled',
        actor: cancelledBy(reason, actor),
        reason: said ?? reason,
        note,
      });
    }
    return readKnownBooking(trx, bookingId);
  });
}
