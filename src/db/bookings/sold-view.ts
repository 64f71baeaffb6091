import type { Db } from '../connection';

/** A booking that is sold at this moment, without its passengers. */
export interface SoldBooking {
  bookingId: string;
  reference: string;
  cabin: string;
  seatNumbers: string[];
  flightNumber: string;
  origin: string;
  destination: string;
  /** ISO 8601. */
  departureAt: string;
}

/** One flight by its ID, or all flights of a number that leave on a day, local at the origin. */
export type FlightChoice = { flightId: string } | { flightNumber: string; date: string };

/** Returns the IDs of the flights that a choice names. */
export async function listFlightIds(db: Db, choice: FlightChoice): Promise<string[]> {
  return db('flights').where(conditionOf(choice)).pluck<string[]>('id');
}

/** Counts the flights that a choice names. */
export async function countFlights(db: Db, choice: FlightChoice): Promise<number> {
  return (await listFlightIds(db, choice)).length;
}

/**
 * Returns what is sold on a flight, by seat: bookings that are booked now, without those that were
 * cancelled later. Temporal's list can't tell them apart by a booking's own workflow.
 */
export async function listSold(db: Db, choice: FlightChoice): Promise<SoldBooking[]> {
  const flights = await listFlightIds(db, choice);
  const { rows } = await db.raw<{ rows: (SoldBooking & { departureAt: Date })[] }>(
    `SELECT b.id AS "bookingId", b.reference, b.cabin,
       array_agg(s.seat_number ORDER BY s.row_number, s.seat_number) AS "seatNumbers",
       f.flight_number AS "flightNumber", f.origin, f.destination, f.departure_at AS "departureAt"
     FROM seats s JOIN bookings b ON b.id = s.booking_id JOIN flights f ON f.id = s.flight_id
     WHERE s.flight_id = ANY (CAST(? AS uuid[])) AND s.state = 'sold' AND b.status = 'booked'
     GROUP BY b.id, f.id ORDER BY f.departure_at, min(s.row_number), min(s.seat_number)`,
    [flights],
  );
  return rows.map((row) => ({ ...row, departureAt: row.departureAt.toISOString() }));
}

function conditionOf(choice: FlightChoice): Record<string, string> {
  return 'flightId' in choice
    ? { id: choice.flightId }
    : { flight_number: choice.flightNumber, departure_date: choice.date };
}
