import type { BookingStatus } from '../../domain/booking-status';
import type { Db } from '../connection';

/** A booking's standing in the database, and how long ago it was settled, in milliseconds. */
export interface StoredStanding {
  id: string;
  status: BookingStatus;
  settledForMs: number;
}

/** Returns the standings of these bookings. Those that aren't in the database are left out. */
export async function listBookingStandings(
  db: Db,
  bookingIds: readonly string[],
): Promise<StoredStanding[]> {
  const { rows } = await db.raw<{ rows: StoredStanding[] }>(
    `SELECT b.id, b.status, CAST(coalesce(1000 * extract(epoch FROM now() - (
         SELECT max(e.occurred_at) FROM booking_events e WHERE e.booking_id = b.id)), 0) AS bigint) AS "settledForMs"
     FROM bookings b WHERE b.id = ANY (CAST(:bookingIds AS uuid[]))`,
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
