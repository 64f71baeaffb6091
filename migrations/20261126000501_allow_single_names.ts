import type { Knex } from 'knex';

/** People who have one name only have no given name: it is null, and their name is the family name. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE passengers ALTER COLUMN given_name DROP NOT NULL');
}

/** The release before shows a given name of every passenger: those who have none get an empty one. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    UPDATE passengers SET given_name = '' WHERE given_name IS NULL;
    ALTER TABLE passengers ALTER COLUMN given_name SET NOT NULL;
  `);
}
