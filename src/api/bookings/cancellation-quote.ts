import { readSale } from '../../db/bookings/cancellation-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import {
  isCancellableAt,
  quoteCancellation,
  type CancellationQuote,
} from '../../domain/cancellation';
import { isUnderWay } from '../../domain/payment';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { Caller } from '../auth';
import { Problem } from '../problem';

/**
 * Returns what cancelling now would refund: nothing for a booking that isn't paid for, or is
 * cancelled already.
 *
 * @throws Problem when a cancellation would be refused: `booking_not_cancellable`,
 * `payment_in_progress`.
 */
export async function quoteFor(
  db: Db,
  { caller, booking }: { caller: Caller; booking: Booking },
): Promise<CancellationQuote & { bookingId: string }> {
  const { id: bookingId, status, price, payment } = booking;
  const at = new Date();
  if (status === 'pending' && payment !== null && isUnderWay(payment.status))
    throw new Problem('payment_in_progress', REFUSAL_TEXTS.paymentInProgress);
  const sale = status === 'booked' ? await readSale(db, bookingId) : undefined;
  if (sale === undefined) {
    const nothing = { amount: 0, currency: price.currency };
    return { bookingId, refund: nothing, fee: nothing };
  }
  if (!isCancellableAt(sale, at))
    throw new Problem('booking_not_cancellable', REFUSAL_TEXTS.hasDeparted);
  return { bookingId, ...quoteCancellation(sale, { byOperator: caller.isOperator, at }) };
}
