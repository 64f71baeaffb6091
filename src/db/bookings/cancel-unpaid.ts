import type { Booking, CancellationReason } from '../../domain/booking';
import { cancelledBy } from '../../domain/booking-event';
import type { BookingRequest } from '../../temporal/contracts/booking';
import type { Db } from '../connection';
import { settleOffers } from '../schedule-changes/offers';
import { putSeatsOnSale } from '../seats/seats';
import { readKnownBooking } from './booking-view';
import { appendEvent } from './events';
import { recordFailedReservation } from './refused-reservations';

export interface Cancellation {
  reason: CancellationReason;
  /** Who decided it: the ID of a customer or an operator, or `system`. */
  actor: string;
  /** The reason, in words that the booking's owner may read, if one was given. */
  reasonGiven?: string | undefined;
  /** The operator's note for other operators, if any. */
  note?: string | undefined;
  /** When the booking was requested. Only needed if it never got into the database. */
  requestedAt: Date;
}

/**
 * Cancels a booking that isn't paid for, and puts its seats back on sale, in one transaction.
 *
 * Safe to retry: seats are released only while this booking holds them, and a cancelled booking
 * stays as it is. A booking that never got into the database is inserted as cancelled, so that a
 * claim which is still running takes no seats.
 */
export async function cancelUnpaidBooking(
  db: Db,
  request: BookingRequest,
  { reason, actor, reasonGiven, note, requestedAt }: Cancellation,
): Promise<Booking> {
  const { bookingId } = request;
  return db.transaction(async (trx) => {
    if (reason === 'reservation_failed') await recordFailedReservation(trx, request, requestedAt);
    const changed = await trx('bookings')
      .where({ id: bookingId })
      .whereIn('status', ['initiated', 'pending'])
      .update({ status: 'cancelled', cancellation_reason: reason });
    if (changed === 1) {
      await putSeatsOnSale(trx, bookingId, 'held');
      // It may have ended before it reads what it was told.
      await settleOffers(trx, bookingId, {
        outcome: 'cancelled',
        decidedBy: ['customer_request', 'operator_request'].includes(reason) ? 'person' : 'system',
        at: new Date(),
      });
      await appendEvent(trx, {
        bookingId,
        type: 'cancelled',
        actor: cancelledBy(reason, actor),
        reason: reasonGiven ?? reason,
        note,
      });
    }
    return readKnownBooking(trx, bookingId);
  });
}
