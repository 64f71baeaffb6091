import type { SignedRetry } from '../../temporal/retries';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';

/**
 * Notes in a booking's history who has had the provider asked again about its payment, and why.
 * Safe to retry: a message has one entry.
 */
export async function notePaymentRetry(
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
 * Notes the same of a refund, in the history of its payment's booking. Money of which nobody knows
 * what it was for has none: then the workflow's own history is all that tells. Safe to retry.
 */
export async function noteRefundRetry(
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
