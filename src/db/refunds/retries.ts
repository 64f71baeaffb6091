import type { SignedRetry } from '../../temporal/contracts/retries';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';

/**
 * Records in a booking's events who had the provider asked again about its payment, and why. Safe
 * to retry: a message has one event.
 */
export async function recordPaymentRetry(
  db: Db,
  bookingId: string,
  { requestedBy, note, messageId }: SignedRetry,
): Promise<void> {
  await appendEvent(db, {
    bookingId,
    type: 'payment_retried',
    actor: { kind: 'airline', id: requestedBy },
    note,
    messageId,
  });
}

/**
 * Records the same of a refund, in the events of its payment's booking. Money of which it is
 * unknown what it was for has no booking: then only the workflow's history shows it. Safe to retry.
 */
export async function recordRefundRetry(
  db: Db,
  paymentId: string,
  { requestedBy, note, messageId }: SignedRetry,
): Promise<void> {
  const payment = await db('payments').where({ id: paymentId }).first('booking_id');
  if (payment === undefined || payment.booking_id === null) return;
  await appendEvent(db, {
    bookingId: payment.booking_id,
    type: 'refund_retried',
    actor: { kind: 'airline', id: requestedBy },
    note,
    messageId,
  });
}
