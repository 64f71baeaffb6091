import type { Knex } from 'knex';

/**
 * Finds the attempts that failed among many that did not, as owners of endpoints list them. Attempts
 * that succeed cost nothing more.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX webhook_deliveries_failed
      ON webhook_deliveries (endpoint_id, status, created_at DESC, id DESC)
      WHERE status IN ('retrying', 'failed');
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX webhook_deliveries_failed');
}
