import type { Knex } from 'knex';

/**
 * Personal data are erased some time after departure: by a daily run, and for a customer who asks.
 *
 * `bookings_to_erase` holds the bookings whose data are still there, by their first flight: the
 * daily run probes it flight by flight, and operators find bookings of a flight by it.
 *
 * What a key was bound to is erased with its booking. The index by booking serves rows of any
 * release. Requests are kept until every booking that they are about is erased.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE bookings ADD COLUMN erased_at timestamptz;
    COMMENT ON COLUMN bookings.erased_at IS 'When its personal data were erased; null before.';
    CREATE INDEX bookings_to_erase ON bookings (flight_id) WHERE erased_at IS NULL;

    CREATE TABLE erasure_requests (
      customer_id  text PRIMARY KEY,
      requested_at timestamptz NOT NULL
    );
    COMMENT ON TABLE erasure_requests IS
      'Customers whose bookings until then are to be erased as soon as each may be.';

    CREATE INDEX idempotency_outcomes_by_booking ON idempotency_outcomes ((body ->> 'id'))
      WHERE route = 'bookings';
    ALTER TABLE idempotency_outcomes
      DROP CONSTRAINT idempotency_outcomes_kind,
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached', 'erased')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined')
        OR route = 'changes' AND kind IN ('change_completed', 'change_declined', 'erased'))) NOT VALID;
  `);
}

/** What was erased stays so: its keys go, since the release before cannot say what they mean. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM idempotency_outcomes WHERE kind = 'erased';
    ALTER TABLE idempotency_outcomes
      DROP CONSTRAINT idempotency_outcomes_kind,
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined')
        OR route = 'changes' AND kind IN ('change_completed', 'change_declined'))) NOT VALID;
    DROP INDEX idempotency_outcomes_by_booking;
    DROP TABLE erasure_requests;
    ALTER TABLE bookings DROP COLUMN erased_at;
  `);
}
