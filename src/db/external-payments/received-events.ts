import type { ExternalPayment } from '../../temporal/contracts';
import type { Db } from '../connection';

/** The API's own table: reports of payments that it has accepted and that are not on record yet. */

/** This many reports of one booking may be with its workflow at once; others are queued. */
const AT_THE_WORKFLOW = 20;

/**
 * A report that is repeated sooner than this does not reach the workflow again: the first is on its
 * way.
 */
const TOLD_AGAIN_AFTER = '2 seconds';

/**
 * How a report is handled: `direct` when its booking's workflow is to be told now; `queued` when it
 * waits for its turn, or the workflow was told a moment ago.
 */
export type Lane = 'direct' | 'queued';

/**
 * Stores a report before its sender is told that it was accepted.
 *
 * Only a few reports of a booking go to its workflow at once. In a flood only those do that could
 * pay for it now, and of these also a few. The limits are not exact: concurrent requests may exceed
 * them slightly.
 *
 * Safe to repeat: a provider's payment is stored once, and the first report of it stands. Its
 * workflow is told again when it was told a while ago: the process that told it may have died
 * before.
 */
export async function storePaymentEvent(db: Db, payment: ExternalPayment): Promise<Lane> {
  const { rows } = await db.raw<{ rows: { is_direct: boolean }[] }>(
    `WITH open AS (
       SELECT amount, currency FROM received_payment_events
       WHERE booking_id = :bookingId LIMIT :some
     ), fitting AS (
       SELECT FROM received_payment_events e
       WHERE e.booking_id = :bookingId AND e.amount = :amount AND e.currency = :currency
         AND e.delivered_at IS NOT NULL
       LIMIT :some
     ), payable AS (
       SELECT FROM bookings b
       WHERE b.id = :bookingId AND b.status = 'pending' AND b.payment_required_by > now()
         AND b.price_amount = :amount AND b.currency = :currency
     ), lane AS (
       SELECT (SELECT count(*) FROM open) < :some
         OR (EXISTS (SELECT FROM payable) AND (SELECT count(*) FROM fitting) < :some) AS is_direct
     )
     INSERT INTO received_payment_events AS e
       (provider, provider_payment_id, booking_id, amount, currency, delivered_at)
     SELECT :provider, :providerPaymentId, :bookingId, :amount, :currency,
       CASE WHEN is_direct THEN now() END
     FROM lane
     ON CONFLICT (provider, provider_payment_id) DO UPDATE SET delivered_at =
       CASE WHEN e.delivered_at < now() - interval '${TOLD_AGAIN_AFTER}' THEN now()
       ELSE e.delivered_at END
     RETURNING coalesce(e.delivered_at = now(), false) AS is_direct`,
    { ...payment, some: AT_THE_WORKFLOW },
  );
  const [stored] = rows;
  if (stored === undefined) throw new Error('Bug: a stored report vanished');
  return stored.is_direct ? 'direct' : 'queued';
}

/** Puts a report back into the queue, because its workflow could not be told. Safe to repeat. */
export async function queuePaymentEvent(
  db: Db,
  { provider, providerPaymentId }: Pick<ExternalPayment, 'provider' | 'providerPaymentId'>,
): Promise<void> {
  await db('received_payment_events')
    .where({ provider, provider_payment_id: providerPaymentId })
    .update({ delivered_at: null });
}
