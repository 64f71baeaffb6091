import type { Knex } from 'knex';

/** Finds what was sent of one event, which the timeline of a booking shows. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id)
      WHERE event_id IS NOT NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX webhook_deliveries_by_event');
}
