import type { AttemptOutcome, DeliveryStatus } from '../../domain/webhooks/delivery';
import type { Db } from '../connection';
import { run, statement } from '../statement';
import type { Receiver } from './due-view';
import { endPending } from './end-pending';

/** An attempt that was made. */
export interface Attempt {
  deliveryId: string;
  outcome: AttemptOutcome;
  sentAt: Date;
  durationMs: number;
  /** The delay before the next attempt, in milliseconds; null for none. */
  retryAfterMs: number | null;
}

/**
 * Records an attempt, and creates the next one if it failed. Returns what became of the delivery;
 * undefined when another process has recorded it, or its endpoint was deleted.
 *
 * An endpoint that gets another attempt is locked first, as whoever deletes it does: neither waits for
 * the other in a circle.
 *
 * Safe to retry: a delivery is decided once. Nothing is retried for an endpoint that was disabled.
 */
export async function recordAttempt(
  db: Db,
  { deliveryId, outcome, sentAt, durationMs, retryAfterMs }: Attempt,
): Promise<Exclude<DeliveryStatus, 'pending'> | undefined> {
  const [row] = await run(db, RECORD_ATTEMPT, [
    deliveryId,
    outcome.status,
    sentAt,
    durationMs,
    outcome.responseStatus,
    outcome.status === 'failed' ? outcome.error : null,
    retryAfterMs,
  ]);
  return row?.status;
}

const RECORD_ATTEMPT = statement<
  { status: Exclude<DeliveryStatus, 'pending'> },
  [
    deliveryId: string,
    status: string,
    sentAt: Date,
    durationMs: number,
    responseStatus: number | null,
    error: string | null,
    retryAfterMs: number | null,
  ]
>(
  'record_webhook_attempt',
  `WITH retried_for AS MATERIALIZED (
     SELECT FROM webhook_endpoints
     WHERE $2::text = 'failed' AND $7::float8 IS NOT NULL AND status = 'enabled'
       AND id = (SELECT endpoint_id FROM webhook_deliveries WHERE id = $1::uuid)
     FOR KEY SHARE
   ), made AS (
     UPDATE webhook_deliveries d SET sent_at = $3::timestamptz, duration_ms = $4::integer,
       response_status = $5::smallint, error = $6::text, due_at = least(d.due_at, $3::timestamptz),
       status = CASE WHEN EXISTS (SELECT FROM retried_for) THEN 'retrying' ELSE $2::text END
     WHERE id = $1::uuid AND status = 'pending'
     RETURNING endpoint_id, event_id, attempt, first_due_at, status
   ), following AS (
     INSERT INTO webhook_deliveries (endpoint_id, event_id, attempt, due_at, first_due_at)
     SELECT endpoint_id, event_id, attempt + 1, now() + $7::float8 * interval '1 millisecond',
       first_due_at
     FROM made WHERE status = 'retrying'
   )
   SELECT status FROM made`,
);

/** Who was called: what became of it says nothing of an address that the endpoint has since. */
type Called = Pick<Receiver, 'id' | 'url'>;

/**
 * Records that an endpoint works at an address, or does not. Safe to repeat: the first failure
 * stands.
 */
export async function recordHealth(db: Db, { id, url }: Called, isWell: boolean): Promise<void> {
  await run(db, RECORD_HEALTH, [id, url, isWell]);
}

const RECORD_HEALTH = statement<object, [endpointId: string, url: string, isWell: boolean]>(
  'record_webhook_health',
  `UPDATE webhook_endpoints
   SET failing_since = CASE WHEN $3::boolean THEN NULL ELSE coalesce(failing_since, now()) END
   WHERE id = $1 AND url = $2`,
);

/**
 * Disables an endpoint all whose attempts at its address have failed for so many milliseconds, and
 * fails what it was still to get. Returns whether it did. Safe to repeat.
 */
export async function disableIfFailing(
  db: Db,
  { id, url }: Called,
  failingMs: number,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const disabled = await trx('webhook_endpoints')
      .where({ id, url, status: 'enabled' })
      .whereRaw("failing_since <= now() - CAST(? AS float8) * interval '1 millisecond'", [
        failingMs,
      ])
      .update({ status: 'disabled', disabled_because: 'failing' });
    if (disabled === 1) await endPending(trx, id);
    return disabled === 1;
  });
}
