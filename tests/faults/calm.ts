import { waitUntil } from '../../src/cli/wait';
import type { Db } from '../../src/db/connection';

/**
 * The payment window, and then the longest pause between two tries of anything that a fault of a
 * few seconds can lead to: a delivery that failed three times.
 */
const CALM_WITHIN_MS = 300_000;

/** What is under way, and how much of it; by what the books say. */
const UNDER_WAY = `
  SELECT 'bookings ' || status AS what, count(*) AS rows FROM bookings
    WHERE status IN ('initiated', 'pending') GROUP BY status
  UNION ALL SELECT 'payments ' || status, count(*) FROM payments
    WHERE status IN ('processing', 'authorized') GROUP BY status
  UNION ALL SELECT 'changes', count(*) FROM changes WHERE status = 'pending'
  UNION ALL SELECT 'refunds', count(*) FROM refunds WHERE status = 'pending'
  UNION ALL SELECT 'notices of schedule changes', count(*) FROM booking_schedule_changes
    WHERE state IN ('pending', 'failed')
  UNION ALL SELECT 'reported payments', count(*) FROM received_payment_events
  UNION ALL SELECT 'events', count(*) FROM outgoing_events WHERE webhooks_due OR mail_due
  UNION ALL SELECT 'mails', count(*) FROM mails WHERE status = 'due'
  UNION ALL SELECT 'deliveries', count(*) FROM webhook_deliveries
    WHERE status = 'pending' AND endpoint_id <> ALL (?)`;

/**
 * Waits until nothing is under way any more. `unhealthy` are endpoints of which nobody expects that
 * everything arrives.
 *
 * @throws Error naming what is still under way long after it should have come to its end.
 */
export async function untilCalm(db: Db, unhealthy: readonly string[]): Promise<void> {
  let left: string[] = [];
  const isCalm = async () => {
    const { rows } = await db.raw<{ rows: { what: string; rows: number }[] }>(UNDER_WAY, [
      [...unhealthy],
    ]);
    left = rows.flatMap(({ what, rows: count }) => (count > 0 ? [`${count} ${what}`] : []));
    return left.length === 0;
  };
  await waitUntil(isCalm, {
    timeoutMs: CALM_WITHIN_MS,
    intervalMs: 500,
    onTimeout: () =>
      new Error(`Still under way ${CALM_WITHIN_MS / 1000} s after the end: ${left.join(', ')}`),
  });
}
