import type { Knex } from 'knex';

/** Lets PostgreSQL see that all rows fit the constraints: it reads them, and blocks no writer. */
export async function up(knex: Knex): Promise<void> {
  for (const rule of ['flown', 'significant'])
    await knex.raw(
      `ALTER TABLE booking_schedule_changes VALIDATE CONSTRAINT booking_schedule_changes_${rule}_check`,
    );
}

/** They stay valid. */
export async function down(): Promise<void> {
  await Promise.resolve();
}
