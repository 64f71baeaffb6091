import type { Knex } from 'knex';

/**
 * The books of the sandbox payment provider: an outside company, in a schema of its own. Nothing of ours refers to them, and it
 * writes them in transactions of its own.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE SCHEMA sandbox_provider;

    CREATE TABLE sandbox_provider.payment_intents (
      id              text PRIMARY KEY,
      idempotency_key text NOT NULL UNIQUE,
      booking_id      text,
      amount          bigint NOT NULL CHECK (amount > 0),
      currency        text NOT NULL,
      payment_method  text NOT NULL,
      status          text NOT NULL CHECK (status IN ('authorized', 'captured', 'declined', 'voided')),
      decline_code    text,
      created_at      timestamptz NOT NULL DEFAULT now(),
      captured_at     timestamptz
    );

    CREATE TABLE sandbox_provider.refunds (
      id                text PRIMARY KEY,
      idempotency_key   text NOT NULL UNIQUE,
      payment_intent_id text NOT NULL REFERENCES sandbox_provider.payment_intents,
      amount            bigint NOT NULL CHECK (amount > 0),
      created_at        timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE sandbox_provider.faults (
      idempotency_key text NOT NULL,
      operation       text NOT NULL,
      count           integer NOT NULL,
      PRIMARY KEY (idempotency_key, operation)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP SCHEMA sandbox_provider CASCADE');
}
