import { bindOutcomeSql } from '../idempotency/bind-outcome';
import { statement } from '../statement';

/** The seats that were locked, and how many of them are held. */
interface HeldRow {
  locked: [flightId: string, seatNumber: string][];
  held: number;
}

type Values = [
  cabin: string,
  seatNumbers: string[],
  booking: string,
  passengers: string,
  key: string | null,
  fingerprint: string | null,
  kind: string | null,
  body: string | null,
];

/** The statement of `holdSeats`: `locked` selects the seats, `more` writes what else there is. */
function holdSeatsSql({ locked, more = '' }: { locked: string; more?: string }): string {
  return `WITH locked AS (
     ${locked}
   ), booking AS (
     INSERT INTO bookings (id, reference, customer_id, flight_id, cabin, status, seat_count,
       segment_count, base_amount, taxes_amount, fees_amount, price_amount, currency, refundable,
       cancellation_fee_amount, contact_email, contact_phone, metadata, payment_required_by, created_at)
     SELECT b.* FROM json_to_record($4::json) AS b (id uuid, reference text, customer_id text,
       flight_id uuid, cabin text, status text, seat_count smallint, segment_count smallint,
       base_amount bigint, taxes_amount bigint, fees_amount bigint, price_amount bigint,
       currency text, refundable boolean, cancellation_fee_amount bigint, contact_email text,
       contact_phone text, metadata jsonb, payment_required_by timestamptz, created_at timestamptz)
     WHERE (SELECT count(*) FROM locked) = cardinality($3::text[])
     ON CONFLICT (reference) DO NOTHING
     RETURNING id, customer_id
   ), held AS (
     UPDATE seats s SET state = 'held', booking_id = booking.id FROM booking, locked
     WHERE s.flight_id = locked.flight_id AND s.seat_number = locked.seat_number AND s.state = 'free'
     RETURNING s.seat_number
   ), boarded AS (
     INSERT INTO passengers (booking_id, position, given_name, family_name, type, seat_number,
       title, born_on, loyalty_number)
     SELECT booking.id, p.* FROM booking, json_to_recordset($5::json)
       AS p (position smallint, given_name text, family_name text, type text, seat_number text,
         title text, born_on date, loyalty_number text)
   ), ${more} told AS (
     INSERT INTO booking_events (booking_id, type, actor, actor_kind)
     SELECT id, 'seats_held', customer_id, 'customer' FROM booking
   ), bound AS (
     ${bindOutcomeSql(`SELECT customer_id, 'bookings', $6::text, $7::text, $8::text, $9::json FROM booking
       WHERE $6::text IS NOT NULL`)}
   )
   SELECT coalesce((SELECT json_agg(json_build_array(flight_id, seat_number)) FROM locked), '[]') AS locked,
     (SELECT count(*) FROM held) AS held`;
}

/** Of a booking of one flight. */
export const HOLD_SEATS = statement<HeldRow, [flightId: string, ...Values]>(
  'hold_seats',
  holdSeatsSql({
    locked: `SELECT flight_id, seat_number FROM seats
     WHERE flight_id = $1::uuid AND cabin = $2::text AND state = 'free' AND seat_number = ANY ($3::text[])
     ORDER BY row_number, seat_number FOR UPDATE SKIP LOCKED`,
  }),
);

/** Of a booking of several flights: of each seat there is the flight. */
export const HOLD_SEATS_ON_SEVERAL = statement<
  HeldRow,
  [flightIds: string[], ...Values, segments: string, passengerSeats: string]
>(
  'hold_seats_on_several',
  holdSeatsSql({
    locked: `SELECT s.flight_id, s.seat_number
     FROM unnest($1::uuid[], $3::text[]) AS chosen (flight_id, seat_number)
     JOIN seats s ON s.flight_id = chosen.flight_id AND s.seat_number = chosen.seat_number
     WHERE s.cabin = $2::text AND s.state = 'free'
     ORDER BY s.flight_id, s.row_number, s.seat_number FOR UPDATE OF s SKIP LOCKED`,
    more: `flown AS (
     INSERT INTO booking_segments (booking_id, position, slice, flight_id, cabin, base_amount,
       taxes_amount, fees_amount, refundable, cancellation_fee_amount)
     SELECT booking.id, g.* FROM booking, json_to_recordset($10::json)
       AS g (position smallint, slice smallint, flight_id uuid, cabin text, base_amount bigint,
         taxes_amount bigint, fees_amount bigint, refundable boolean, cancellation_fee_amount bigint)
   ), seated AS (
     INSERT INTO passenger_seats (booking_id, flight_id, position, seat_number)
     SELECT booking.id, p.* FROM booking, json_to_recordset($11::json)
       AS p (flight_id uuid, position smallint, seat_number text)
   ),`,
  }),
);
