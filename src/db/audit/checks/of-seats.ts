import type { Check } from './check';

const SEAT_BELONGS = 'a held seat belongs to a pending booking, a sold one to a booked one';

/**
 * Whether a flight and cabin are one of those that a booking `b` is for. Counted, since PostgreSQL
 * might read the whole table for EXISTS beside an OR.
 */
function isFlownBy(flight: string): string {
  return `(b.segment_count = 1 AND b.flight_id = ${flight}.flight_id AND b.cabin = ${flight}.cabin
    OR b.segment_count > 1 AND 1 = (SELECT count(*) FROM booking_segments g
      WHERE g.booking_id = b.id AND g.flight_id = ${flight}.flight_id AND g.cabin = ${flight}.cabin))`;
}

/** Selects seats whose state and booking don't fit, among those that `which` names. */
function misplacedSeats(subject: string, which: string): string {
  return `
    SELECT s.flight_id || ' ' || s.seat_number AS id, ${subject} AS subject
    FROM seats s LEFT JOIN bookings b ON b.id = s.booking_id AND ${isFlownBy('s')}
    WHERE ${which} AND s.state <> 'free'
      AND ((s.state, b.status) IN (('held', 'pending'), ('sold', 'booked'))) IS NOT TRUE
      AND (s.state = 'held' AND 1 = (
        SELECT count(*) FROM bookings c JOIN change_seats x ON x.change_id = c.pending_change_id
        WHERE c.id = s.booking_id AND x.flight_id = s.flight_id AND x.seat_number = s.seat_number)) IS NOT TRUE`;
}

/** Invariants of seats, by flight and by booking. */
export const OF_SEATS: readonly Check[] = [
  {
    // Seats that are archived were free when their flight left.
    invariant: 'held + sold + free seats = capacity',
    batch: 'flight',
    query: `
      SELECT c.flight_id || ' ' || c.cabin AS id, c.flight_id AS subject
      FROM flight_cabins c
      LEFT JOIN (
        SELECT flight_id, cabin, count(*) AS seats FROM seats
        WHERE flight_id = ANY (CAST(:ids AS uuid[])) GROUP BY flight_id, cabin
      ) s USING (flight_id, cabin)
      LEFT JOIN (
        SELECT flight_id, cabin, cardinality(seat_numbers) AS seats FROM unsold_seats
        WHERE flight_id = ANY (CAST(:ids AS uuid[]))
      ) u USING (flight_id, cabin)
      WHERE c.flight_id = ANY (CAST(:ids AS uuid[]))
        AND coalesce(s.seats, 0) + coalesce(u.seats, 0) <> c.seat_count`,
  },
  {
    invariant: 'an archived seat is of a flight that has left, and is archived once',
    batch: 'flight',
    query: `
      SELECT u.flight_id || ' ' || u.cabin AS id, u.flight_id AS subject
      FROM unsold_seats u
      JOIN flights f ON f.id = u.flight_id AND f.id = ANY (CAST(:ids AS uuid[]))
      LEFT JOIN LATERAL (
        SELECT array_agg(s.seat_number) AS numbers FROM seats s WHERE s.flight_id = u.flight_id
      ) present ON true
      WHERE u.flight_id = ANY (CAST(:ids AS uuid[])) AND (
        f.departure_at > now()
        OR u.seat_numbers && present.numbers
        OR cardinality(u.seat_numbers) <> (SELECT count(DISTINCT n) FROM unnest(u.seat_numbers) n))`,
  },
  {
    invariant: SEAT_BELONGS,
    batch: 'flight',
    query: misplacedSeats('s.flight_id', 's.flight_id = ANY (CAST(:ids AS uuid[]))'),
  },
  {
    invariant: SEAT_BELONGS,
    batch: 'booking',
    query: misplacedSeats('s.booking_id', 's.booking_id = ANY (CAST(:ids AS uuid[]))'),
  },
  {
    invariant: 'a pending or booked booking owns as many seats as it has seated passengers',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status IN ('pending', 'booked')
        AND (b.seat_count * b.segment_count, b.seat_count) IS DISTINCT FROM (
          (SELECT count(*) FROM seats s WHERE s.booking_id = b.id
            AND (b.pending_change_id IS NULL OR s.state = 'sold')),
          (SELECT count(*) FROM passengers p WHERE p.booking_id = b.id AND p.type <> 'infant'))`,
  },
  {
    invariant: 'a change that is being made holds its seats beside those of the booking',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.pending_change_id IS NOT NULL
        AND b.seat_count * (SELECT count(*) FROM change_segments g
          WHERE g.change_id = b.pending_change_id AND g.is_new) <> (
          SELECT count(*) FROM seats s WHERE s.booking_id = b.id AND s.state = 'held')`,
  },
  {
    invariant: 'of several flights a booking owns as many seats on each',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status IN ('pending', 'booked')
        AND b.segment_count > 1 AND 0 < (
          SELECT count(*) FROM booking_segments g WHERE g.booking_id = b.id AND b.seat_count <> (
            SELECT count(*) FROM seats s
            WHERE s.booking_id = b.id AND s.flight_id = g.flight_id AND s.cabin = g.cabin))`,
  },
  {
    invariant: 'a booking of several flights is the sum of these',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      CROSS JOIN LATERAL (
        SELECT count(*) AS segments, sum(g.base_amount) AS base, sum(g.taxes_amount) AS taxes,
          sum(g.fees_amount) AS fees, bool_and(g.refundable) AS refundable,
          max(g.cancellation_fee_amount) AS fee,
          bool_or(g.position = 0 AND g.flight_id = b.flight_id AND g.cabin = b.cabin) AS begins
        FROM booking_segments g WHERE g.booking_id = b.id
      ) sum
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND NOT (CASE WHEN b.segment_count = 1
        THEN sum.segments = 0
        ELSE (sum.segments, sum.base, sum.taxes, sum.fees, sum.refundable, sum.fee, sum.begins)
          IS NOT DISTINCT FROM (b.segment_count, b.base_amount, b.taxes_amount, b.fees_amount,
            b.refundable, b.cancellation_fee_amount, true) END)`,
  },
  {
    invariant: 'passengers sit in the seats of their booking',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status IN ('pending', 'booked') AND (EXISTS (
        SELECT seat_number FROM seats s WHERE s.booking_id = b.id AND s.flight_id = b.flight_id
        EXCEPT SELECT seat_number FROM passengers p WHERE p.booking_id = b.id)
        OR b.segment_count > 1 AND EXISTS (
          SELECT s.flight_id, s.seat_number FROM seats s WHERE s.booking_id = b.id
            AND (b.pending_change_id IS NULL OR s.state = 'sold')
          EXCEPT SELECT p.flight_id, p.seat_number FROM passenger_seats p WHERE p.booking_id = b.id)
        OR b.segment_count > 1 AND EXISTS (
          SELECT p.flight_id, p.seat_number FROM passenger_seats p WHERE p.booking_id = b.id
          EXCEPT SELECT s.flight_id, s.seat_number FROM seats s WHERE s.booking_id = b.id)
        OR b.segment_count > 1 AND EXISTS (
          SELECT FROM passengers p LEFT JOIN passenger_seats q ON q.booking_id = p.booking_id
            AND q.position = p.position AND q.flight_id = b.flight_id
          WHERE p.booking_id = b.id AND p.seat_number IS DISTINCT FROM q.seat_number))`,
  },
];
