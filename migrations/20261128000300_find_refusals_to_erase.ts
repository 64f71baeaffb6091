import type { Knex } from 'knex';

/**
 * Finds the refusals of reservations that don't say which booking was refused, so that they are
 * erased with it. The release before writes them so; what this one writes is not in the index, nor
 * is what was erased.
 *
 * That release left them behind when it erased bookings: these are erased here. A refusal has the
 * time of its event, since one transaction wrote both.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX idempotency_outcomes_without_booking ON idempotency_outcomes (caller_id, created_at)
      WHERE route = 'bookings' AND fingerprint <> '' AND body ->> 'id' IS NULL;

    UPDATE idempotency_outcomes o SET kind = 'erased', body = 'null', fingerprint = ''
    FROM bookings b JOIN booking_events e ON e.booking_id = b.id AND e.type = 'seats_refused'
    WHERE b.erased_at IS NOT NULL
      AND b.cancellation_reason IN ('seats_unavailable', 'flight_closed', 'too_many_holds')
      AND o.route = 'bookings' AND o.caller_id = b.customer_id AND o.created_at = e.occurred_at
      AND o.body ->> 'id' IS NULL AND o.fingerprint <> '';
  `);
}

/** What was erased stays so. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX idempotency_outcomes_without_booking');
}
