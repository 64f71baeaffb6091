import type { Knex } from 'knex';

/**
 * Keys are bound to amendments, too: to corrected names (`passengers`) and to chosen seats (`seats`).
 * The release before writes none, and reads none.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE idempotency_outcomes
      DROP CONSTRAINT idempotency_outcomes_route_check,
      DROP CONSTRAINT idempotency_outcomes_kind,
      ADD CONSTRAINT idempotency_outcomes_route_check
        CHECK (route IN ('bookings', 'payments', 'changes', 'passengers', 'seats')) NOT VALID,
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached', 'erased')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined')
        OR route = 'changes' AND kind IN ('change_completed', 'change_declined', 'erased')
        OR route IN ('passengers', 'seats') AND kind IN ('booking_amended', 'erased'))) NOT VALID;
    CREATE INDEX idempotency_outcomes_by_amended_booking ON idempotency_outcomes ((body ->> 'id'))
      WHERE route IN ('passengers', 'seats');
  `);
}

/** The release before asks a booking's workflow about such keys: they go. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM idempotency_outcomes WHERE route IN ('passengers', 'seats');
    DROP INDEX idempotency_outcomes_by_amended_booking;
    ALTER TABLE idempotency_outcomes
      DROP CONSTRAINT idempotency_outcomes_route_check,
      DROP CONSTRAINT idempotency_outcomes_kind,
      ADD CONSTRAINT idempotency_outcomes_route_check
        CHECK (route IN ('bookings', 'payments', 'changes')) NOT VALID,
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached', 'erased')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined')
        OR route = 'changes' AND kind IN ('change_completed', 'change_declined', 'erased'))) NOT VALID;
  `);
}
