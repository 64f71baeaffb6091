import type { Knex } from 'knex';

/**
 * Finds the flights that leave an airport, or arrive there, within some hours, whatever the other
 * end of theirs: those with which a connection begins, goes on and ends. `flights_by_route` needs
 * both ends.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE INDEX flights_by_origin ON flights (origin, departure_at);
    CREATE INDEX flights_by_destination ON flights (destination, departure_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX flights_by_destination, flights_by_origin');
}
