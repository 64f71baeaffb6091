import type { Knex } from 'knex';

/**
 * Finds bookings as people look for them: by the name of a passenger, however its accents and its
 * case are written; by an address; by any of their flights.
 *
 * `fold_name` takes the accents and what stands between letters out of a name. It is for comparing
 * alone. What is indexed must not change, so neither may the function: a better one gets another
 * name, and an index of its own.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE FUNCTION fold_name(name text) RETURNS text
      LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
      SELECT replace(replace(replace(replace(
        translate(
          lower(regexp_replace(normalize(name, NFKD), '[\\u0300-\\u036f]', '', 'g')),
          'øłđðħıŧ ''’‘\`.-‐‑', 'olddhit'),
        'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
    $$;
    COMMENT ON FUNCTION fold_name IS
      'A name without accents, case, blanks, hyphens and apostrophes. Indexed: never change it.';

    CREATE INDEX passengers_by_family_name ON passengers (fold_name(family_name));
    CREATE INDEX booking_segments_by_flight ON booking_segments (flight_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX booking_segments_by_flight, passengers_by_family_name;
    DROP FUNCTION fold_name;
  `);
}
