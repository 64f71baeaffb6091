import type { ExternalPayment } from '../../temporal/contracts/booking';
import type { Db } from '../connection';

/** The API's own table: reports of payments that it has accepted and that are not on record yet. */

/** At most this many reports of one booking are sent to its workflow at once; others are queued. */
const MAX_DIRECT = 20;

/** A report that is repeated sooner than this is not sent again: the first is still on its way. */
const RESEND_AFTER = '2 seconds';

/**
 * How a report is delivered: `direct` when its booking's workflow is to be signalled now; `queued`
 * when it waits for its turn, or was sent a moment ago.
 */
export type DeliveryMode = 'direct' | 'queued';

/**
 * Stores a report, before the response to its sender.
 *
 * Only a few reports of a booking go to its workflow at once. In a flood only those do that could
 * pay for it now, and of these also a few. Of a settled booking none does: its workflow may be open
 * for months, and is not to be filled with money that it can't take. The limits are not exact: concurrent requests may exceed
 * them slightly.
 *
 * Safe to repeat: a provider's payment is stored once, and the first report of it stands. It is
 * sent to the workflow again after a while: the process that sent it may have crashed before.
 */
export async function storePaymentEvent(db: Db, payment: ExternalPayment): Promise<DeliveryMode> {
  const { rows } = await db.raw<{ rows: { is_direct: boolean }[] }>(
    `WITH open AS (
       SELECT amount, currency FROM received_payment_events
       WHERE booking_id = :bookingId LIMIT :limit
     ), fitting AS (
       SELECT FROM received_payment_events e
       WHERE e.booking_id = :bookingId AND e.amount = :amount AND e.currency = :currency
         AND e.delivered_at IS NOT NULL
       LIMIT :limit
     ), payable AS (
       SELECT FROM bookings b
       WHERE b.id = :bookingId AND b.status = 'pending' AND b.payment_required_by > now()
         AND b.price_amount = :amount AND b.currency = :currency
     ), settled AS (
       SELECT FROM bookings b WHERE b.id = :bookingId AND b.status IN ('booked', 'cancelled')
     ), delivery AS (
       SELECT CASE WHEN EXISTS (SELECT FROM settled) THEN false
         ELSE (SELECT count(*) FROM open) < :limit
           OR (EXISTS (SELECT FROM payable) AND (SELECT count(*) FROM fitting) < :limit)
         END AS is_direct
     )
     INSERT INTO received_payment_events AS e
       (provider, provider_payment_id, booking_id, amount, currency, delivered_at)
     SELECT :provider, :providerPaymentId, :bookingId, :amount, :currency,
       CASE WHEN is_direct THEN now() END
     FROM delivery
     ON CONFLICT (provider, provider_payment_id) DO UPDATE SET delivered_at =
       CASE WHEN e.delivered_at < now() - interval '${RESEND_AFTER}' THEN now()
       ELSE e.delivered_at END
     RETURNING coalesce(e.delivered_at = now(), false) AS is_direct`,
    { ...payment, limit: MAX_DIRECT },
  );
  const [stored] = rows;
  if (stored === undefined) throw new Error('Bug: a stored report vanished');
  return stored.is_direct ? 'direct' : 'queued';
}

/** Puts a report back into the queue, because its workflow could not be signalled. Safe to repeat. */
export async function queuePaymentEvent(
  db: Db,
  { provider, providerPaymentId }: Pick<ExternalPayment, 'provider' | 'providerPaymentId'>,
): Promise<void> {
  await db('received_payment_events')
    .where({ provider, provider_payment_id: providerPaymentId })
    .update({ delivered_at: null });
}
