import type { Db } from '../connection';
import { bindOutcomeSql } from '../idempotency/bind-outcome';
import { runOne, statement } from '../statement';
import type { BookingRow, PassengerRow } from './rows';

/** A booking that is to hold seats, with everything that is written with it. */
export interface SeatClaim {
  booking: BookingRow;
  passengers: PassengerRow[];
  seatNumbers: string[];
  /** What the booking's idempotency key is bound to; null when it has no key. */
  outcome: { key: string; fingerprint: string; kind: 'booking_created'; body: unknown } | null;
}

/** What became of a claim. Unless it is `held`, nothing was written. */
export type Claimed =
  | { status: 'held' }
  /** Others have these seats, or are about to. The transaction locks the remaining ones. */
  | { status: 'seats_taken'; taken: string[] }
  | { status: 'reference_taken' };

/**
 * Holds seats for a new booking, all or none, in one statement: seats, booking, passengers, first
 * event, and the outcome that the idempotency key is bound to.
 *
 * The locked rows, not an earlier read, are what prevents overselling. They are locked with SKIP
 * LOCKED, so that a claim never waits for another one. That can miss a seat which another claim is
 * about to give back: whether a cabin is sold out, it does not tell.
 */
export async function holdSeats(
  trx: Db,
  { booking, passengers, seatNumbers, outcome }: SeatClaim,
): Promise<Claimed> {
  const { locked, held } = await runOne(trx, HOLD_SEATS, [
    booking.flight_id,
    booking.cabin,
    seatNumbers,
    JSON.stringify(booking),
    JSON.stringify(passengers),
    outcome?.key ?? null,
    outcome?.fingerprint ?? null,
    outcome?.kind ?? null,
    outcome === null ? null : JSON.stringify(outcome.body),
  ]);
  const taken = seatNumbers.filter((seat) => !locked.includes(seat));
  if (taken.length > 0) return { status: 'seats_taken', taken };
  if (held === 0) return { status: 'reference_taken' };
  if (held !== seatNumbers.length) throw new Error('Bug: a locked seat was not free');
  return { status: 'held' };
}

const HOLD_SEATS = statement<
  { locked: string[]; held: number },
  [
    flightId: string,
    cabin: string,
    seatNumbers: string[],
    booking: string,
    passengers: string,
    key: string | null,
    fingerprint: string | null,
    kind: string | null,
    body: string | null,
  ]
>(
  'hold_seats',
  `WITH locked AS (
     SELECT seat_number FROM seats
     WHERE flight_id = $1::uuid AND cabin = $2::text AND state = 'free' AND seat_number = ANY ($3::text[])
     ORDER BY row_number, seat_number FOR UPDATE SKIP LOCKED
   ), booking AS (
     INSERT INTO bookings (id, reference, customer_id, flight_id, cabin, status, seat_count,
       base_amount, taxes_amount, fees_amount, price_amount, currency, refundable,
       cancellation_fee_amount, contact_email, payment_required_by, created_at)
     SELECT b.* FROM json_to_record($4::json) AS b (id uuid, reference text, customer_id text,
       flight_id uuid, cabin text, status text, seat_count smallint, base_amount bigint,
       taxes_amount bigint, fees_amount bigint, price_amount bigint, currency text,
       refundable boolean, cancellation_fee_amount bigint, contact_email text,
       payment_required_by timestamptz, created_at timestamptz)
     WHERE (SELECT count(*) FROM locked) = cardinality($3::text[])
     ON CONFLICT (reference) DO NOTHING
     RETURNING id, customer_id
   ), held AS (
     UPDATE seats s SET state = 'held', booking_id = booking.id FROM booking
     WHERE s.flight_id = $1 AND s.seat_number = ANY ($3::text[]) AND s.state = 'free'
     RETURNING s.seat_number
   ), boarded AS (
     INSERT INTO passengers (booking_id, position, given_name, family_name, type, seat_number)
     SELECT booking.id, p.* FROM booking, json_to_recordset($5::json)
       AS p (position smallint, given_name text, family_name text, type text, seat_number text)
   ), told AS (
     INSERT INTO booking_events (booking_id, type, actor, actor_kind)
     SELECT id, 'seats_held', customer_id, 'customer' FROM booking
   ), bound AS (
     ${bindOutcomeSql(`SELECT customer_id, 'bookings', $6::text, $7::text, $8::text, $9::json FROM booking
       WHERE $6::text IS NOT NULL`)}
   )
   SELECT coalesce((SELECT json_agg(seat_number) FROM locked), '[]') AS locked,
     (SELECT count(*) FROM held) AS held`,
);
