import type { Cabin } from '../../domain/cabin';
import type { Db } from '../connection';

export const SEAT_STATES = ['free', 'held', 'sold'] as const;

/** `held`: taken off sale until its booking is paid for, or its time to pay ends. */
export type SeatState = (typeof SEAT_STATES)[number];

/** A seat, and whether it is on sale at this moment. */
export interface MappedSeat {
  seatNumber: string;
  cabin: Cabin;
  available: boolean;
  state: SeatState;
}

/**
 * Reads the seat map of a flight from front to back; empty when there is no such flight. Seats that
 * were archived after departure are part of it.
 */
export async function readSeatMap(db: Db, flightId: string): Promise<MappedSeat[]> {
  const { rows } = await db.raw<{ rows: MappedSeat[] }>(
    `SELECT seat_number AS "seatNumber", cabin, state = 'free' AS available, state FROM (
       SELECT seat_number, row_number, cabin, state
       FROM seats WHERE flight_id = :flightId
       UNION ALL
       SELECT seat_number, CAST(substring(seat_number FROM '^[0-9]+') AS smallint), cabin, 'free'
       FROM unsold_seats CROSS JOIN unnest(seat_numbers) AS seat_number WHERE flight_id = :flightId
     ) seats ORDER BY row_number, seat_number`,
    { flightId },
  );
  return rows;
}

/**
 * Returns a text for each of these flights that differs once the state of a seat does. It costs far
 * less than the maps. A flight without seats has none.
 */
export async function readSeatMapVersions(
  db: Db,
  flightIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await db.raw<{ rows: { flightId: string; version: string }[] }>(
    `SELECT flight_id AS "flightId", string_agg(left(state, 1), '' ORDER BY seat_number) AS version
     FROM seats WHERE flight_id = ANY (CAST(:flightIds AS uuid[])) GROUP BY flight_id`,
    { flightIds: [...flightIds] },
  );
  return new Map(rows.map(({ flightId, version }) => [flightId, version]));
}
