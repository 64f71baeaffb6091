import type { Knex } from 'knex';

/** Lets PostgreSQL see that all rows fit the constraint: it reads them, and blocks no writer. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE bookings VALIDATE CONSTRAINT bookings_cancellation_reason_check');
}

/** It stays valid. */
export async function down(): Promise<void> {
  await Promise.resolve();
}
