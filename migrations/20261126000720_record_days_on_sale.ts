import type { Knex } from 'knex';

/**
 * Which days of the flight schedule are on sale completely.
 *
 * Without it, a run that extends the schedule could not tell a flight that was deleted on purpose from
 * one that was never added, and would put the deleted one back on sale.
 *
 * The tables of the schedule now grow by a day at a time, a tenth or less of what is on sale.
 * PostgreSQL vacuums by itself after a fifth by default: until then free seats of the new day
 * would be counted from the table, not from the index alone.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE flight_schedule_days (
      departure_date    date PRIMARY KEY,
      last_departure_at timestamptz NOT NULL,
      completed_at      timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE flight_schedule_days IS 'Days whose flights have all been put on sale: nothing is added to them any more.';
    COMMENT ON COLUMN flight_schedule_days.departure_date IS 'The local date at the origins.';
    COMMENT ON COLUMN flight_schedule_days.last_departure_at IS 'The last departure of that day, as it was put on sale.';

    -- Until now a day was put on sale in one transaction: one that has flights is complete.
    INSERT INTO flight_schedule_days (departure_date, last_departure_at)
      SELECT departure_date, max(departure_at) FROM flights GROUP BY departure_date;

    ALTER TABLE flights SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
    ALTER TABLE flight_cabins SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
    ALTER TABLE seats SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE seats RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
    ALTER TABLE flight_cabins RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
    ALTER TABLE flights RESET (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
    DROP TABLE flight_schedule_days;
  `);
}
