import type { Knex } from 'knex';

/** Lets PostgreSQL see that all rows fit the constraints: it reads them, and blocks no writer. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE bookings VALIDATE CONSTRAINT bookings_segment_count_check');
  await knex.raw('ALTER TABLE seats VALIDATE CONSTRAINT seats_owner_fkey');
}

/** They stay valid. */
export async function down(): Promise<void> {
  await Promise.resolve();
}
