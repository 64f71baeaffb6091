import type { Knex } from 'knex';

/**
 * Who exchanges flights accepts the itinerary as it is then. That was not written down where the last
 * schedule change had been accepted before, without anybody's response.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE booking_schedule_changes o SET accepted_times = (
      SELECT jsonb_agg(jsonb_build_object('flightId', f.id, 'departureAt', f.departure_at,
        'arrivalAt', f.arrival_at))
      FROM bookings b JOIN flights f ON f.id = b.flight_id OR f.id IN (
        SELECT g.flight_id FROM booking_segments g WHERE g.booking_id = b.id)
      WHERE b.id = o.booking_id)
    WHERE o.state = 'settled' AND o.decided_by = 'system'
      AND o.sequence = (
        SELECT max(sequence) FROM booking_schedule_changes l WHERE l.booking_id = o.booking_id)
      AND EXISTS (
        SELECT FROM changes c WHERE c.booking_id = o.booking_id AND c.status = 'completed'
          AND c.decided_at > o.settled_at);
  `);
}

/** What it was before would be wrong for the release before, too. */
export async function down(): Promise<void> {
  // Nothing to take back.
}
