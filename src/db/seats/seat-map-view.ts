import type { Cabin } from '../../domain/cabin';
import type { Db } from '../connection';

/** A seat, and whether it is on sale at this moment. */
export interface MappedSeat {
  seatNumber: string;
  cabin: Cabin;
  available: boolean;
}

/**
 * Reads the seat map of a flight from front to back; empty when there is no such flight. Seats that
 * were archived after departure are part of it.
 */
export async function readSeatMap(db: Db, flightId: string): Promise<MappedSeat[]> {
  const { rows } = await db.raw<{ rows: MappedSeat[] }>(
    `SELECT seat_number AS "seatNumber", cabin, available FROM (
       SELECT seat_number, row_number, cabin, state = 'free' AS available
       FROM seats WHERE flight_id = :flightId
       UNION ALL
       SELECT seat_number, CAST(substring(seat_number FROM '^[0-9]+') AS smallint), cabin, true
       FROM unsold_seats CROSS JOIN unnest(seat_numbers) AS seat_number WHERE flight_id = :flightId
     ) seats ORDER BY row_number, seat_number`,
    { flightId },
  );
  return rows;
}
