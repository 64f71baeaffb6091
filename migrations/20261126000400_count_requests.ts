import type { Knex } from 'knex';

/**
 * How much each caller has asked of all API processes in the current minute. The names and the order of the columns are those of `rate-limiter-flexible`.
 *
 * Unlogged: the counts are worth nothing after a crash, and a request must not wait for a disk.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE UNLOGGED TABLE rate_limits (
      key text PRIMARY KEY,
      points integer NOT NULL DEFAULT 0 CHECK (points >= 0),
      expire bigint
    ) WITH (fillfactor = 50);
    COMMENT ON TABLE rate_limits IS 'Requests of each caller in the current minute, over all API processes. Rows go an hour after their minute.';
    COMMENT ON COLUMN rate_limits.key IS 'Digest of the caller or the address: neither is kept.';
    COMMENT ON COLUMN rate_limits.points IS 'Requests that processes have made or reserved.';
    COMMENT ON COLUMN rate_limits.expire IS 'When the minute ends, in milliseconds since 1970.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE rate_limits');
}
