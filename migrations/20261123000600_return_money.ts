import type { Knex } from 'knex';

/**
 * Money that goes back: what another service took for a booking that we don't know, refunds in part, and refunds that people settle.
 *
 * A refund is of captured money; only one that waits for an operator may also be of a charge whose outcome nobody knows yet.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE payments
      ALTER COLUMN booking_id DROP NOT NULL,
      ADD COLUMN reported_booking_id text,
      ADD CHECK ((booking_id IS NULL) = (reported_booking_id IS NOT NULL)),
      ADD CHECK (booking_id IS NOT NULL OR (status = 'captured' AND NOT applied));
    COMMENT ON COLUMN payments.reported_booking_id IS 'What another service said that it took the money for, where we know no such booking.';
    ALTER TABLE ledger_transactions ALTER COLUMN booking_id DROP NOT NULL;

    ALTER TABLE refunds
      ADD COLUMN settled_by text,
      ADD COLUMN settlement_note text,
      ADD CHECK ((settled_by IS NULL) = (settlement_note IS NULL)),
      ADD CHECK (settled_by IS NULL OR status = 'succeeded');
    COMMENT ON COLUMN refunds.settled_by IS 'The operator who gave the money back by hand.';

    CREATE OR REPLACE FUNCTION refuse_refund_above_capture() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM payments
        WHERE id = NEW.payment_id AND amount >= NEW.amount AND currency = NEW.currency
          AND (status = 'captured' OR (NEW.status = 'needs_operator' AND status IN ('processing', 'authorized')));
      IF NOT FOUND THEN
        RAISE EXCEPTION 'refund % is not covered by a capture', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    DROP TRIGGER refunds_are_covered ON refunds;
    CREATE TRIGGER refunds_are_covered AFTER INSERT OR UPDATE OF amount, currency, payment_id, status ON refunds
      FOR EACH ROW EXECUTE FUNCTION refuse_refund_above_capture();

    ALTER TABLE ledger_transactions
      DROP CONSTRAINT ledger_transactions_kind_check,
      ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('capture', 'cancellation', 'refund'));
    CREATE UNIQUE INDEX ledger_one_cancellation_per_payment ON ledger_transactions (payment_id) WHERE kind = 'cancellation';
    CREATE UNIQUE INDEX ledger_one_refund_per_payment ON ledger_transactions (payment_id) WHERE kind = 'refund';
    CREATE INDEX ledger_transactions_by_day ON ledger_transactions (occurred_at);

    CREATE TABLE provider_events (
      provider    text NOT NULL,
      event_id    text NOT NULL,
      type        text NOT NULL,
      received_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (provider, event_id)
    );
    COMMENT ON TABLE provider_events IS 'News of a provider that was acted upon: the same news again changes nothing.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE provider_events;
    DROP INDEX ledger_transactions_by_day, ledger_one_refund_per_payment, ledger_one_cancellation_per_payment;
    ALTER TABLE ledger_transactions
      DROP CONSTRAINT ledger_transactions_kind_check,
      ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('capture', 'refund'));
    DROP TRIGGER refunds_are_covered ON refunds;
    CREATE OR REPLACE FUNCTION refuse_refund_above_capture() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM payments
        WHERE id = NEW.payment_id AND status = 'captured' AND amount >= NEW.amount AND currency = NEW.currency;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'refund % is not covered by a capture', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER refunds_are_covered AFTER INSERT OR UPDATE OF amount, currency, payment_id ON refunds
      FOR EACH ROW EXECUTE FUNCTION refuse_refund_above_capture();
    ALTER TABLE refunds DROP COLUMN settled_by, DROP COLUMN settlement_note;
    ALTER TABLE ledger_transactions ALTER COLUMN booking_id SET NOT NULL;
    ALTER TABLE payments DROP COLUMN reported_booking_id, ALTER COLUMN booking_id SET NOT NULL;
  `);
}
