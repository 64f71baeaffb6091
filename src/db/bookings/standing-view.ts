import type { StoredStanding } from '../../domain/broken-rule';
import type { Db } from '../connection';

/** Returns the standings of these bookings. Those that aren't in the database are left out. */
export async function listBookingStandings(
  db: Db,
  bookingIds: readonly string[],
): Promise<StoredStanding[]> {
  const { rows } = await db.raw<{ rows: StoredStanding[] }>(
    `SELECT b.id, b.status, CAST(s."settledForMs" AS bigint) AS "settledForMs", p.was_sold AS "wasSold",
       CAST(CASE
         WHEN b.status = 'booked' THEN 1000 * extract(epoch FROM now() - l.departure_at)
         WHEN b.status = 'cancelled' AND NOT coalesce(p.has_open_refund, false) THEN s."settledForMs"
         ELSE 0 END AS bigint) AS "overForMs"
     FROM bookings b
     CROSS JOIN LATERAL (
       SELECT max(f.departure_at) AS departure_at FROM flights f
       WHERE f.id = ANY (ARRAY(
         SELECT b.flight_id
         UNION ALL SELECT g.flight_id FROM booking_segments g WHERE g.booking_id = b.id))) l
     CROSS JOIN LATERAL (
       SELECT coalesce(1000 * extract(epoch FROM now() - max(e.occurred_at)), 0) AS "settledForMs"
       FROM booking_events e WHERE e.booking_id = b.id) s
     CROSS JOIN LATERAL (
       SELECT coalesce(bool_or(p.applied), false) AS was_sold,
         bool_or(r.status <> 'succeeded') FILTER (WHERE r.id IS NOT NULL) AS has_open_refund
       FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id WHERE p.booking_id = b.id) p
     WHERE b.id = ANY (CAST(:bookingIds AS uuid[]))`,
    { bookingIds: [...bookingIds] },
  );
  return rows;
}

/** How many standings are read at once. */
const PAGE = 1_000;

/** Finds all bookings that hold seats, page by page: their workflows must be running. */
export async function* pagePendingBookings(db: Db): AsyncGenerator<string[]> {
  let after = { deadline: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const { rows } = await db.raw<{ rows: { id: string; deadline: string }[] }>(
      `SELECT id, CAST(payment_required_by AS text) AS deadline FROM bookings
       WHERE status = 'pending' AND payment_required_by >= CAST(:deadline AS timestamptz)
         AND (payment_required_by, id) > (CAST(:deadline AS timestamptz), CAST(:id AS uuid))
       ORDER BY payment_required_by, id LIMIT ${PAGE}`,
      after,
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ id }) => id);
    if (rows.length < PAGE) return;
    after = last;
  }
}
