import type { Check } from './check';

const SEAT_BELONGS = 'a held seat belongs to a pending booking, a sold one to a booked one';

/** Selects seats whose state and booking don't fit, among those that `which` names. */
function misplacedSeats(subject: string, which: string): string {
  return `
    SELECT s.flight_id || ' ' || s.seat_number AS id, ${subject} AS subject
    FROM seats s LEFT JOIN bookings b ON b.id = s.booking_id AND b.flight_id = s.flight_id AND b.cabin = s.cabin
    WHERE ${which} AND s.state <> 'free'
      AND ((s.state, b.status) IN (('held', 'pending'), ('sold', 'booked'))) IS NOT TRUE`;
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
        AND (b.seat_count, b.seat_count) IS DISTINCT FROM (
          (SELECT count(*) FROM seats s WHERE s.booking_id = b.id),
          (SELECT count(*) FROM passengers p WHERE p.booking_id = b.id AND p.type <> 'infant'))`,
  },
  {
    invariant: 'passengers sit in the seats of their booking',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND b.status IN ('pending', 'booked') AND EXISTS (
        SELECT seat_number FROM seats s WHERE s.booking_id = b.id
        EXCEPT SELECT seat_number FROM passengers p WHERE p.booking_id = b.id)`,
  },
];
