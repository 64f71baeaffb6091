import type { Cabin } from '../../domain/cabin';
import type { PassengerType } from '../../domain/passenger';
import type { Db } from '../connection';

/** Someone who is booked on a flight. */
export interface ListedPassenger {
  /** Null for infants. */
  seatNumber: string | null;
  cabin: Cabin;
  givenName: string | null;
  familyName: string;
  type: PassengerType;
  bookingId: string;
  reference: string;
}

/**
 * Reads who is booked on a flight, from front to back; infants after those who have seats. Unpaid
 * bookings are not listed.
 */
export async function readPassengerList(db: Db, flightId: string): Promise<ListedPassenger[]> {
  const { rows } = await db.raw<{ rows: ListedPassenger[] }>(
    `WITH sold AS (
       SELECT s.seat_number, s.row_number, s.cabin, b.id, b.reference, b.segment_count
       FROM seats s JOIN bookings b ON b.id = s.booking_id
       WHERE s.flight_id = CAST(:flightId AS uuid) AND s.state = 'sold'
     ), seated AS (
       SELECT sold.*, p.given_name, p.family_name, p.type
       FROM sold JOIN passengers p ON p.booking_id = sold.id AND p.seat_number = sold.seat_number
       WHERE sold.segment_count = 1
       UNION ALL
       SELECT sold.*, p.given_name, p.family_name, p.type
       FROM sold
       JOIN passenger_seats q ON q.booking_id = sold.id AND q.seat_number = sold.seat_number
         AND q.flight_id = CAST(:flightId AS uuid)
       JOIN passengers p ON p.booking_id = q.booking_id AND p.position = q.position
       WHERE sold.segment_count > 1
       UNION ALL
       SELECT NULL, NULL, party.cabin, party.id, party.reference, party.segment_count,
         p.given_name, p.family_name, p.type
       FROM (SELECT DISTINCT cabin, id, reference, segment_count FROM sold) party
       JOIN passengers p ON p.booking_id = party.id AND p.type = 'infant'
     )
     SELECT seat_number AS "seatNumber", cabin, given_name AS "givenName",
       family_name AS "familyName", type, id AS "bookingId", reference
     FROM seated ORDER BY row_number NULLS LAST, seat_number, family_name, given_name`,
    { flightId },
  );
  return rows;
}
