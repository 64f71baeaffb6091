import type { Knex } from 'knex';

/**
 * Reports of payments that the API has accepted and that are not on record yet, and payments that
 * were reported to us and that our own provider does not have.
 *
 * A report is deleted in the transaction that puts its payment on record.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE received_payment_events (
      provider            text NOT NULL,
      provider_payment_id text NOT NULL,
      booking_id          uuid NOT NULL,
      amount              bigint NOT NULL CHECK (amount > 0),
      currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      received_at         timestamptz NOT NULL DEFAULT now(),
      delivered_at        timestamptz,
      PRIMARY KEY (provider, provider_payment_id)
    );
    COMMENT ON TABLE received_payment_events IS
      'Reports of payments that were accepted and are not in payments yet; the API inserts them.';
    COMMENT ON COLUMN received_payment_events.delivered_at IS
      'When the workflow of its booking was told, or last seen running; null while it must be told.';
    CREATE INDEX received_payment_events_by_booking
      ON received_payment_events (booking_id, received_at);

    ALTER TABLE payments
      DROP CONSTRAINT payments_status_check,
      ADD CONSTRAINT payments_status_check CHECK (status IN
        ('processing', 'authorized', 'captured', 'declined', 'voided', 'not_found')) NOT VALID,
      DROP CONSTRAINT payments_check6,
      ADD CONSTRAINT payments_without_booking CHECK (booking_id IS NOT NULL
        OR (status IN ('captured', 'not_found') AND NOT applied)) NOT VALID,
      ADD CONSTRAINT payments_not_found_are_external CHECK (status <> 'not_found'
        OR (customer_id IS NULL AND provider_payment_id IS NOT NULL)) NOT VALID;
    ALTER TABLE payments VALIDATE CONSTRAINT payments_status_check;
    ALTER TABLE payments VALIDATE CONSTRAINT payments_without_booking;
    ALTER TABLE payments VALIDATE CONSTRAINT payments_not_found_are_external;
    CREATE INDEX payments_not_found ON payments (created_at) WHERE status = 'not_found';
  `);
}

/** Payments that were not found have no money behind them: nothing is lost with their rows. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM payments WHERE status = 'not_found';
    DROP INDEX payments_not_found;
    ALTER TABLE payments
      DROP CONSTRAINT payments_not_found_are_external,
      DROP CONSTRAINT payments_without_booking,
      ADD CONSTRAINT payments_check6 CHECK (booking_id IS NOT NULL
        OR (status = 'captured' AND NOT applied)),
      DROP CONSTRAINT payments_status_check,
      ADD CONSTRAINT payments_status_check CHECK (status IN
        ('processing', 'authorized', 'captured', 'declined', 'voided'));
    DROP TABLE received_payment_events;
  `);
}
