import type { Knex } from 'knex';

/**
 * The city of an airport, and the metropolitan area whose code stands for several airports in a search (`NYC`).
 *
 * Both are null until the schedule is seeded the next time, which fills them in for airports that are there already.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE airports
      ADD COLUMN city text,
      ADD COLUMN metropolitan_area text CHECK (metropolitan_area ~ '^[A-Z]{3}$');
    COMMENT ON COLUMN airports.metropolitan_area IS 'IATA''s code for all airports of a region; null where an airport belongs to none.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE airports DROP COLUMN city, DROP COLUMN metropolitan_area');
}
