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
