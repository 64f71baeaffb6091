import type { Cabin } from '../../domain/cabin';
import type { Db } from '../connection';

/** A seat, and whether it is on sale at this moment. */
export interface MappedSeat {
  seatNumber: string;
  cabin: Cabin;
  available: boolean;
}

/** Reads the seat map of a flight from front to back; empty when there is no such flight. */
export async function readSeatMap(db: Db, flightId: string): Promise<MappedSeat[]> {
  const { rows } = await db.raw<{ rows: MappedSeat[] }>(
    `SELECT seat_number AS "seatNumber", cabin, state = 'free' AS available
     FROM seats WHERE flight_id = ? ORDER BY row_number, seat_number`,
    [flightId],
  );
  return rows;
}

/**
 * Returns which of the requested seats are in a cabin, and how many of its seats are free. Nothing
 * is locked, so both may change at once.
 */
export async function readSeatAvailability(
  db: Db,
  { flightId, cabin, seatNumbers }: { flightId: string; cabin: Cabin; seatNumbers: string[] },
): Promise<{ free: number; chosen: MappedSeat[] }> {
  const { rows } = await db.raw<{ rows: [{ free: number; chosen: MappedSeat[] | null }] }>(
    `SELECT
       (SELECT count(*) FROM seats WHERE flight_id = :flightId AND cabin = :cabin AND state = 'free') AS free,
       (SELECT json_agg(json_build_object('seatNumber', seat_number, 'cabin', cabin, 'available', state = 'free'))
        FROM seats WHERE flight_id = :flightId AND cabin = :cabin AND seat_number = ANY(:seatNumbers)) AS chosen`,
    { flightId, cabin, seatNumbers },
  );
  return { free: rows[0].free, chosen: rows[0].chosen ?? [] };
}
