import type { FlightStatus } from '../../domain/flight-status';
import type { Db } from '../connection';

/** A booking that has seats on a flight, and the flight as it is by now. */
export interface BookingOnFlight {
  bookingId: string;
  customerId: string;
  bookingStatus: 'pending' | 'booked';
  bookedAt: Date;
  flightId: string;
  flightNumber: string;
  flightStatus: FlightStatus;
  departureAt: Date;
  arrivalAt: Date;
  freeSeats: number;
}

/** Returns the bookings that have seats on these flights, the oldest first. */
export async function findBookingsOn(
  db: Db,
  flightIds: readonly string[],
): Promise<BookingOnFlight[]> {
  const { rows } = await db.raw<{ rows: BookingOnFlight[] }>(
    `SELECT b.id AS "bookingId", b.customer_id AS "customerId", b.status AS "bookingStatus",
       b.created_at AS "bookedAt", f.id AS "flightId", f.flight_number AS "flightNumber",
       f.status AS "flightStatus", f.departure_at AS "departureAt", f.arrival_at AS "arrivalAt",
       (SELECT CAST(count(*) AS integer) FROM seats s
        WHERE s.flight_id = f.id AND s.state = 'free') AS "freeSeats"
     FROM bookings b JOIN flights f ON f.id = b.flight_id
     WHERE b.flight_id = ANY (CAST(? AS uuid[])) AND b.erased_at IS NULL
       AND b.status IN ('pending', 'booked')
     ORDER BY b.created_at, b.id`,
    [[...flightIds]],
  );
  return rows;
}
