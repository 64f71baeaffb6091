import { BATCH_LIMITS } from '../batch-limits';
import type { Db } from '../connection';

/** How many flights are looked at in one statement: each takes some microseconds. */
const LOOKED_AT = 2_000;

/** A part of the flights that still have free seats. */
export interface FlightsWithFreeSeats {
  /** Those that left before the given instant. */
  departed: string[];
  /** The last one that was looked at; undefined when there are no more. */
  last: string | undefined;
}

/**
 * Finds flights that left before an instant and still have free seats, a part at a time, by ID.
 *
 * Reads `seats_on_sale` from one flight to the next, so the cost grows with the flights that have
 * free seats: those on sale, once the others are archived.
 */
export async function findUnsoldFlights(
  db: Db,
  { before, after }: { before: Date; after: string | undefined },
): Promise<FlightsWithFreeSeats> {
  const { rows } = await db.raw<{ rows: { id: string; has_left: boolean }[] }>(
    `WITH RECURSIVE flight AS (
       SELECT (${nextFlight('CAST(:after AS uuid)')}) AS id, 1 AS number
       UNION ALL
       SELECT (${nextFlight('flight.id')}), number + 1
       FROM flight WHERE flight.id IS NOT NULL AND number < ${LOOKED_AT}
     )
     SELECT flight.id, f.departure_at < :before AS has_left
     FROM flight JOIN flights f ON f.id = flight.id ORDER BY flight.id`,
    { before, after: after ?? '00000000-0000-0000-0000-000000000000' },
  );
  return {
    departed: rows.filter(({ has_left }) => has_left).map(({ id }) => id),
    last: rows.length < LOOKED_AT ? undefined : rows.at(-1)?.id,
  };
}

const nextFlight = (after: string) => `
  SELECT s.flight_id FROM seats s WHERE s.state = 'free' AND s.flight_id > ${after}
  ORDER BY s.flight_id LIMIT 1`;

/**
 * Archives the free seats of those of these flights that left before an instant: their rows go, and
 * their numbers stay in `unsold_seats`. Returns how many seats.
 *
 * Safe to repeat and to run twice at once: one statement takes each seat from the one table to the
 * other. A seat that becomes free later is added by the next call.
 */
export async function archiveUnsoldSeats(
  db: Db,
  flightIds: readonly string[],
  before: Date,
): Promise<number> {
  return db.transaction(async (trx) => {
    await trx.raw(BATCH_LIMITS);
    const { rows } = await trx.raw<{ rows: [{ seats: number }] }>(
      `WITH unsold AS (
         DELETE FROM seats s USING flights f
         WHERE f.id = s.flight_id AND f.departure_at < :before
           AND s.flight_id = ANY (CAST(:flightIds AS uuid[])) AND s.state = 'free'
         RETURNING s.flight_id, s.cabin, s.row_number, s.seat_number
       ), archived AS (
         INSERT INTO unsold_seats (flight_id, cabin, seat_numbers)
         SELECT flight_id, cabin, array_agg(seat_number ORDER BY row_number, seat_number)
         FROM unsold GROUP BY flight_id, cabin
         ON CONFLICT (flight_id, cabin) DO UPDATE
           SET seat_numbers = unsold_seats.seat_numbers || EXCLUDED.seat_numbers
       )
       SELECT count(*) AS seats FROM unsold`,
      { before, flightIds: [...flightIds] },
    );
    return rows[0].seats;
  });
}
