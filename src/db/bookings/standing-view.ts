import type { BookingStatus } from '../../domain/booking-status';
import type { Db } from '../connection';

/** A booking's standing in the database, and how long ago it was settled, in milliseconds. */
export interface StoredStanding {
  id: string;
  status: BookingStatus;
  settledForMs: number;
}

/** Returns the standings of all bookings, or of one. */
export async function listBookingStandings(db: Db, bookingId?: string): Promise<StoredStanding[]> {
  const { rows } = await db.raw<{ rows: StoredStanding[] }>(
    `SELECT b.id, b.status,
       coalesce(extract(epoch FROM now() - max(e.occurred_at)) * 1000, 0)::bigint AS "settledForMs"
     FROM bookings b LEFT JOIN booking_events e ON e.booking_id = b.id
     WHERE CAST(:bookingId AS uuid) IS NULL OR b.id = :bookingId
     GROUP BY b.id`,
    { bookingId: bookingId ?? null },
  );
  return rows;
}
