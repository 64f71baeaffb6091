import type { Check } from './check';

/** Invariants of what the airline does to bookings. */
export const OF_SCHEDULE_CHANGES: readonly Check[] = [
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
    // Of several flights some may have been used.
    invariant: 'a booking of one flight that the airline ends gets all of its money back',
    batch: 'booking',
    query: `
      SELECT b.id, b.id AS subject
      FROM bookings b JOIN payments p ON p.booking_id = b.id AND p.applied
      LEFT JOIN refunds r ON r.payment_id = p.id
      WHERE b.id = ANY (CAST(:ids AS uuid[])) AND p.booking_id = ANY (CAST(:ids AS uuid[]))
        AND b.status = 'cancelled' AND b.cancellation_reason = 'flight_cancelled'
        AND b.segment_count = 1 AND r.amount IS DISTINCT FROM p.amount`,
  },
  {
    invariant: 'a schedule change that nobody responds to is settled in time',
    batch: 'open',
    keptAs: 'booking',
    query: `
      SELECT o.booking_id AS id, o.booking_id AS subject FROM booking_schedule_changes o
      WHERE o.state = 'waiting' AND o.respond_by < now() - interval '10 minutes'`,
  },
];
