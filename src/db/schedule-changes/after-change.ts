import type { Db } from '../connection';

/**
 * Ends the offers of a booking whose owner exchanges flights, in the transaction that exchanges
 * them. They accept the itinerary as it is then: later schedule changes are measured against it, also
 * where the last offer had ended before, without them.
 *
 * A flight may stay whose schedule change they were not told of, as it came while the change was
 * being made. That one is offered to them afterwards, against the times that they know.
 */
export async function settleByChange(trx: Db, bookingId: string, at: Date): Promise<void> {
  await trx.raw(
    `UPDATE booking_schedule_changes o
     SET state = 'settled', outcome = 'changed', decided_by = 'person', settled_at = :at
     FROM schedule_changes c
     WHERE c.id = o.schedule_change_id AND o.booking_id = :bookingId AND o.state <> 'settled'
       AND (o.state = 'waiting' OR NOT EXISTS (
         SELECT FROM (${FLIGHTS_OF_BOOKING}) present WHERE present.flight_id = c.flight_id))`,
    { bookingId, at },
  );
  await trx.raw(
    `UPDATE booking_schedule_changes o SET accepted_times = (
       SELECT jsonb_agg(jsonb_build_object('flightId', f.id,
         'departureAt', coalesce(known.old_departure_at, f.departure_at),
         'arrivalAt', coalesce(known.old_arrival_at, f.arrival_at)))
       FROM (${FLIGHTS_OF_BOOKING}) present JOIN flights f ON f.id = present.flight_id
       LEFT JOIN LATERAL (
         SELECT c.old_departure_at, c.old_arrival_at
         FROM booking_schedule_changes w JOIN schedule_changes c ON c.id = w.schedule_change_id
         WHERE w.booking_id = :bookingId AND w.state <> 'settled' AND c.flight_id = f.id
         ORDER BY w.sequence LIMIT 1
       ) known ON true)
     WHERE o.booking_id = :bookingId AND (o.state <> 'settled' OR o.sequence = (
       SELECT max(sequence) FROM booking_schedule_changes WHERE booking_id = :bookingId))`,
    { bookingId },
  );
}

/** Of a booking of one flight its own row tells. */
const FLIGHTS_OF_BOOKING = `
  SELECT flight_id FROM bookings WHERE id = :bookingId
  UNION SELECT flight_id FROM booking_segments WHERE booking_id = :bookingId`;
