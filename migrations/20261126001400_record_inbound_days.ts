import type { Knex } from 'knex';

/**
 * Which days have their flights into New York on sale, too.
 *
 * Until now the schedule had flights out of New York only. Days that were complete get the others
 * by the next run that extends the schedule. A table of its own says for which days that is done:
 * processes of the earlier release go on writing and counting `flight_schedule_days`, and nothing
 * is ever changed in either.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE flight_schedule_inbound_days (
      departure_date date PRIMARY KEY,
      completed_at   timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE flight_schedule_inbound_days IS
      'Days whose flights into New York have all been put on sale. One that is in flight_schedule_days alone has those out of New York only.';
    COMMENT ON COLUMN flight_schedule_inbound_days.departure_date IS 'The local date at the origins.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE flight_schedule_inbound_days');
}
