import type { Knex } from 'knex';

/**
 * Finds the flights that leave an airport within some hours, wherever they go: those with which a
 * connection begins and goes on. `flights_by_route` needs both ends.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX flights_by_origin ON flights (origin, departure_at)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX flights_by_origin');
}
