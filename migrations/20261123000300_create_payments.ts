import type { Knex } from 'knex';

/**
 * Money: payments, refunds and the double-entry ledger.
 *
 * The indexes are the rules: one applied capture per booking, one charge under way per booking, one payment per
 * caller and key, one per provider's ID. `bookings_are_paid` refuses, at commit, a booked booking without its money.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE payments (
      id                  uuid PRIMARY KEY,
      booking_id          uuid NOT NULL REFERENCES bookings,
      customer_id         text,
      idempotency_key     text,
      request_fingerprint text,
      status              text NOT NULL
        CHECK (status IN ('processing', 'authorized', 'captured', 'declined', 'voided')),
      applied             boolean NOT NULL DEFAULT false,
      amount              bigint NOT NULL CHECK (amount > 0),
      currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      provider            text NOT NULL,
      provider_payment_id text,
      decline_code        text,
      captured_at         timestamptz,
      created_at          timestamptz NOT NULL DEFAULT now(),
      UNIQUE (customer_id, idempotency_key),
      UNIQUE (provider, provider_payment_id),
      CHECK ((customer_id IS NULL) = (idempotency_key IS NULL)),
      CHECK ((customer_id IS NULL) = (request_fingerprint IS NULL)),
      CHECK ((status = 'captured') = (captured_at IS NOT NULL)),
      CHECK ((status = 'declined') = (decline_code IS NOT NULL)),
      CHECK (status = 'captured' OR NOT applied)
    );
    COMMENT ON COLUMN payments.customer_id IS 'Null when another service told us of the payment.';
    COMMENT ON COLUMN payments.applied IS 'This capture is what pays for the booking; every other one is refunded.';
    CREATE INDEX payments_by_booking ON payments (booking_id, created_at);
    CREATE UNIQUE INDEX payments_one_applied ON payments (booking_id) WHERE applied;
    CREATE UNIQUE INDEX payments_one_under_way ON payments (booking_id)
      WHERE status IN ('processing', 'authorized');

    CREATE TABLE refunds (
      id                 uuid PRIMARY KEY,
      payment_id         uuid NOT NULL UNIQUE REFERENCES payments,
      status             text NOT NULL CHECK (status IN ('pending', 'succeeded', 'needs_operator')),
      amount             bigint NOT NULL CHECK (amount > 0),
      currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      reason             text NOT NULL,
      provider_refund_id text,
      created_at         timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX refunds_open ON refunds (created_at) WHERE status <> 'succeeded';

    CREATE FUNCTION refuse_refund_above_capture() RETURNS trigger LANGUAGE plpgsql AS $$
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

    CREATE FUNCTION assert_booking_is_paid(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      paid bigint;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT amount INTO paid FROM payments
        WHERE booking_id = id_of_booking AND applied AND currency = booking.currency;
      IF booking.status = 'booked' AND paid IS DISTINCT FROM booking.price_amount THEN
        RAISE EXCEPTION 'booking % is booked but not paid', id_of_booking USING ERRCODE = 'check_violation';
      END IF;
      IF booking.status IN ('initiated', 'pending') AND paid IS NOT NULL THEN
        RAISE EXCEPTION 'booking % is paid but only %', id_of_booking, booking.status
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;
    CREATE FUNCTION bookings_are_paid() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_booking_is_paid(CASE WHEN TG_TABLE_NAME = 'bookings'
        THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(NEW) ->> 'booking_id')::uuid END);
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER bookings_are_paid AFTER INSERT OR UPDATE OF status ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();
    CREATE CONSTRAINT TRIGGER payments_pay_for_bookings AFTER INSERT OR UPDATE OF applied, amount ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();

    CREATE TABLE ledger_transactions (
      id          uuid PRIMARY KEY,
      kind        text NOT NULL CHECK (kind IN ('capture', 'refund')),
      booking_id  uuid NOT NULL REFERENCES bookings,
      payment_id  uuid NOT NULL REFERENCES payments,
      occurred_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX ledger_transactions_by_booking ON ledger_transactions (booking_id);
    CREATE UNIQUE INDEX ledger_one_capture_per_payment ON ledger_transactions (payment_id) WHERE kind = 'capture';

    CREATE TABLE ledger_postings (
      transaction_id uuid NOT NULL REFERENCES ledger_transactions,
      account        text NOT NULL,
      amount         bigint NOT NULL CHECK (amount <> 0),
      currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      PRIMARY KEY (transaction_id, account)
    );
    COMMENT ON COLUMN ledger_postings.amount IS 'Debits are positive, credits negative.';

    CREATE FUNCTION ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      transaction uuid := CASE WHEN TG_TABLE_NAME = 'ledger_transactions'
        THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(NEW) ->> 'transaction_id')::uuid END;
    BEGIN
      PERFORM 1 FROM ledger_postings WHERE transaction_id = transaction
        HAVING count(*) >= 2 AND sum(amount) = 0 AND count(DISTINCT currency) = 1;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger transaction % does not balance', transaction USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER ledger_transactions_balance AFTER INSERT ON ledger_transactions
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();
    CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();
    CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE ON ledger_transactions
      FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
    CREATE TRIGGER ledger_postings_append_only BEFORE UPDATE OR DELETE ON ledger_postings
      FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE ledger_postings, ledger_transactions, refunds;
    DROP TRIGGER bookings_are_paid ON bookings;
    DROP TABLE payments;
    DROP FUNCTION ledger_balances, bookings_are_paid, assert_booking_is_paid, refuse_refund_above_capture;
  `);
}
