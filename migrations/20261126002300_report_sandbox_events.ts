import type { Knex } from 'knex';

/**
 * The sandbox provider asks customers (3-D Secure), has payments disputed, and reports both a while
 * afterwards, as an outside company does. How long an answer stays lost counts from the first try.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Every row fits already: the list only grows.
    ALTER TABLE sandbox_provider.payment_intents
      DROP CONSTRAINT payment_intents_status_check,
      ADD CONSTRAINT payment_intents_status_check CHECK (status IN
        ('requires_action', 'authorized', 'captured', 'declined', 'voided')) NOT VALID;

    ALTER TABLE sandbox_provider.faults
      ADD COLUMN first_tried_at timestamptz NOT NULL DEFAULT now();

    CREATE TABLE sandbox_provider.reports (
      id                text PRIMARY KEY,
      payment_intent_id text NOT NULL REFERENCES sandbox_provider.payment_intents,
      kind              text NOT NULL
        CHECK (kind IN ('customer_acted', 'dispute_opened', 'dispute_closed')),
      due_at            timestamptz NOT NULL,
      sent_at           timestamptz,
      UNIQUE (payment_intent_id, kind)
    );
    CREATE INDEX reports_due ON sandbox_provider.reports (due_at) WHERE sent_at IS NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE sandbox_provider.reports;
    ALTER TABLE sandbox_provider.faults DROP COLUMN first_tried_at;
    UPDATE sandbox_provider.payment_intents SET status = 'voided' WHERE status = 'requires_action';
    ALTER TABLE sandbox_provider.payment_intents
      DROP CONSTRAINT payment_intents_status_check,
      ADD CONSTRAINT payment_intents_status_check CHECK (status IN
        ('authorized', 'captured', 'declined', 'voided'));
  `);
}
