import type { Knex } from 'knex';

/**
 * Who acted, by kind, and what staff noted about it: the customer reads the kind and the reason, and never the note, nor who of the staff it was.
 *
 * Entries are append-only, so older ones keep an empty kind, which is derived when they are read. Their free text of staff stands in `reason`.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE booking_events
      ADD COLUMN actor_kind text CHECK (actor_kind IN ('customer', 'airline', 'payment_provider', 'system')),
      ADD COLUMN note text;
    COMMENT ON COLUMN booking_events.actor IS 'Who it was: the ID of a customer or operator, a provider, a part of the system. Only operators read it.';
    COMMENT ON COLUMN booking_events.actor_kind IS 'What the owner is told of the actor; null in entries of earlier versions.';
    COMMENT ON COLUMN booking_events.reason IS 'Why, as the owner may read it; in entries without a kind also what staff wrote.';
    COMMENT ON COLUMN booking_events.note IS 'What staff wrote for themselves. Only operators read it.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE booking_events DROP COLUMN note, DROP COLUMN actor_kind');
}
