import type { Check } from './check';
import { GOES_BACK } from './goes-back';

const ARE_LISTED = 'who has a seat on a cancelled flight was listed to be told of it';

/**
 * Selects the bookings with a seat on a cancelled flight that are not listed, among the seats that
 * `which` names. A seat that a change holds beside those of its booking is not of its itinerary.
 *
 * The flight is read for each seat, and a missing booking is allowed: otherwise PostgreSQL might begin
 * with all flights, or all seats that are taken.
 */
function unlisted(subject: string, which: string): string {
  return `
    SELECT s.booking_id AS id, ${subject} AS subject
    FROM seats s LEFT JOIN bookings b ON b.id = s.booking_id
    WHERE ${which} AND (s.state = 'sold' OR b.status = 'pending')
      AND 'cancelled' = (SELECT f.status FROM flights f WHERE f.id = s.flight_id)
      AND 0 = (
        SELECT count(*) FROM booking_schedule_changes o
        JOIN schedule_changes c ON c.id = o.schedule_change_id
        WHERE o.booking_id = s.booking_id AND c.flight_id = s.flight_id AND c.kind = 'cancelled')`;
}

/** Invariants of what the airline does to flights, and of what its bookings make of it. */
export const OF_SCHEDULE_CHANGES: readonly Check[] = [
  {
    invariant: 'a flight is as its schedule changes have left it',
    batch: 'flight',
    query: `
      SELECT f.id, f.id AS subject
      FROM flights f
      CROSS JOIN LATERAL (
        SELECT count(*) AS changes, count(*) FILTER (WHERE c.kind = 'cancelled') AS cancelled,
          count(*) FILTER (WHERE (c.new_departure_at, c.new_arrival_at) = (f.departure_at, f.arrival_at)) AS moved
        FROM schedule_changes c WHERE c.flight_id = f.id
      ) known
      WHERE f.id = ANY (CAST(:ids AS uuid[])) AND NOT (CASE f.status
        WHEN 'scheduled' THEN known.changes = 0
        WHEN 'moved' THEN known.moved > 0 AND known.cancelled = 0
        ELSE known.cancelled > 0 END)`,
  },
  {
    invariant: ARE_LISTED,
    batch: 'flight',
    query: unlisted('s.flight_id', 's.flight_id = ANY (CAST(:ids AS uuid[]))'),
  },
  {
    invariant: ARE_LISTED,
    batch: 'booking',
    query: unlisted('b.id', 's.booking_id = ANY (CAST(:ids AS uuid[]))'),
  },
  {
    invariant: 'only a booked booking waits for its customer to respond to a schedule change',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN booking_schedule_changes o ON o.booking_id = b.id
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND o.booking_id = ANY (CAST(:ids AS uuid[]))
        AND o.state = 'waiting' AND b.status <> 'booked'`,
  },
  {
    invariant: 'what a schedule change was settled with is what became of the booking',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN booking_schedule_changes o ON o.booking_id = b.id
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND o.booking_id = ANY (CAST(:ids AS uuid[]))
        AND (o.outcome = 'cancelled' AND b.status <> 'cancelled'
          OR o.outcome = 'changed' AND b.change_count = 0)`,
  },
  {
    // Of several flights some may have been used. The fees of changes were for something else.
    invariant: 'a booking of one flight that the airline ends gets the whole price back',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied AND p.change_id IS NULL
      CROSS JOIN LATERAL (${GOES_BACK}) back
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND p.booking_id = ANY (CAST(:ids AS uuid[]))
        AND b.status = 'cancelled' AND b.cancellation_reason = 'flight_cancelled'
        AND b.segment_count = 1 AND back.amount <> b.price_amount`,
  },
  {
    // Reconciliation tells them again, every half hour.
    invariant:
      'whoever has a seat on a flight is told within an hour that it is cancelled or moved',
    batch: 'open',
    keptAs: 'booking',
    query: `
      SELECT o.booking_id AS id, o.booking_id AS subject
      FROM booking_schedule_changes o
      WHERE o.state IN ('pending', 'failed') AND now() - interval '1 hour' > (
        SELECT c.applied_at FROM schedule_changes c WHERE c.id = o.schedule_change_id)`,
  },
  {
    invariant: 'a schedule change that nobody responds to is settled in time',
    batch: 'open',
    keptAs: 'booking',
    query: `
      SELECT o.booking_id AS id, o.booking_id AS subject FROM booking_schedule_changes o
      WHERE o.state = 'waiting' AND o.respond_by < now() - interval '2 hours'`,
  },
];
