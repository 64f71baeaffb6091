import type { Knex } from 'knex';

/**
 * Entries of a booking's history that tell of an operator's message, and change nothing else: nothing but the message's ID says whether a repeated step
 * has written its entry before.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE booking_events ADD COLUMN message_id text;
    COMMENT ON COLUMN booking_events.message_id IS 'The message that the entry tells of; null where a change of state lets it be written once.';
    CREATE UNIQUE INDEX booking_events_one_per_message ON booking_events (message_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE booking_events DROP COLUMN message_id');
}
