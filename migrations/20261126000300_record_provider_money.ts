import type { Knex } from 'knex';

/**
 * Money that moves at the payment provider without us: disputes, and refunds that we didn't ask
 * for or that failed after all.
 *
 * What the provider says is kept under the provider's own IDs, also before the payment that it is
 * about is on record; `payment_id` is set when it is.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE disputes (
      provider            text NOT NULL,
      provider_dispute_id text NOT NULL,
      provider_payment_id text NOT NULL,
      payment_id          uuid REFERENCES payments,
      status              text NOT NULL CHECK (status IN ('open', 'won', 'lost')),
      amount              bigint NOT NULL CHECK (amount > 0),
      currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      reason              text,
      withdrawn_at        timestamptz,
      reinstated_at       timestamptz,
      told_at             timestamptz NOT NULL,
      created_at          timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (provider, provider_dispute_id)
    );
    COMMENT ON TABLE disputes IS 'Payments that the payer''s bank takes back, or wants to.';
    COMMENT ON COLUMN disputes.told_at IS 'When the provider said what stands here: older events change nothing.';
    CREATE INDEX disputes_by_provider_payment ON disputes (provider, provider_payment_id);
    CREATE INDEX disputes_by_payment ON disputes (payment_id);
    CREATE INDEX disputes_not_won ON disputes (created_at) WHERE status <> 'won';

    CREATE TABLE provider_refunds (
      provider            text NOT NULL,
      provider_refund_id  text NOT NULL,
      provider_payment_id text NOT NULL,
      payment_id          uuid REFERENCES payments,
      kind                text NOT NULL CHECK (kind IN ('refund', 'total')),
      refund_id           text,
      status              text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
      amount              bigint NOT NULL CHECK (amount > 0),
      currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      told_total          bigint CHECK ((told_total IS NOT NULL) = (kind = 'total')),
      told_at             timestamptz NOT NULL,
      created_at          timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (provider, provider_refund_id)
    );
    COMMENT ON TABLE provider_refunds IS 'Refunds as a provider tells of them, whoever asked for them.';
    COMMENT ON COLUMN provider_refunds.kind IS 'One refund; or the sum of all of a charge, where the provider named none.';
    COMMENT ON COLUMN provider_refunds.told_total IS 'The sum as it was told; the amount is what it had beside a refund of ours.';
    COMMENT ON COLUMN provider_refunds.refund_id IS 'The ID of ours that it was asked for under, if any.';
    CREATE INDEX provider_refunds_by_provider_payment ON provider_refunds (provider, provider_payment_id);
    CREATE INDEX provider_refunds_by_payment ON provider_refunds (payment_id);

    ALTER TABLE ledger_transactions
      DROP CONSTRAINT ledger_transactions_kind_check,
      ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN (
        'capture', 'cancellation', 'refund', 'refund_reversed',
        'provider_refund', 'provider_refund_reversed', 'dispute_withdrawn', 'dispute_reinstated')),
      ADD COLUMN reference text,
      ADD COLUMN round smallint NOT NULL DEFAULT 1;
    COMMENT ON COLUMN ledger_transactions.reference IS 'The provider''s own ID of what is posted; null where the payment''s says it.';
    COMMENT ON COLUMN ledger_transactions.round IS 'A refund that failed after it was posted is reversed, and posted anew in the next round.';
    CREATE UNIQUE INDEX ledger_one_per_reference ON ledger_transactions (kind, payment_id, reference)
      WHERE reference IS NOT NULL;
    DROP INDEX ledger_one_refund_per_payment;
    CREATE UNIQUE INDEX ledger_one_refund_per_payment ON ledger_transactions (payment_id, round)
      WHERE kind = 'refund';
    CREATE INDEX ledger_transactions_by_payment ON ledger_transactions (payment_id);
    CREATE INDEX ledger_refunds_by_provider ON ledger_transactions (payment_id)
      WHERE kind IN ('provider_refund', 'provider_refund_reversed');
  `);
}

/** What was posted of such money can't be kept in the books of before: it is refused while there is any. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX ledger_refunds_by_provider, ledger_transactions_by_payment, ledger_one_per_reference, ledger_one_refund_per_payment;
    CREATE UNIQUE INDEX ledger_one_refund_per_payment ON ledger_transactions (payment_id) WHERE kind = 'refund';
    ALTER TABLE ledger_transactions
      DROP COLUMN reference,
      DROP COLUMN round,
      DROP CONSTRAINT ledger_transactions_kind_check,
      ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('capture', 'cancellation', 'refund'));
    DROP TABLE provider_refunds, disputes;
  `);
}
