import type { Knex } from 'knex';

/** A booking is cancelled by the conditions that its fare was sold with, whatever the flight's are by then. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE bookings
      ADD COLUMN refundable boolean,
      ADD COLUMN cancellation_fee_amount bigint CHECK (cancellation_fee_amount >= 0);
    UPDATE bookings b SET refundable = c.refundable, cancellation_fee_amount = c.cancellation_fee_amount
      FROM flight_cabins c WHERE (c.flight_id, c.cabin) = (b.flight_id, b.cabin);
    -- The rows that were changed above have constraint triggers waiting; a table can't be altered before they have run.
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE bookings
      ALTER COLUMN refundable SET NOT NULL,
      ALTER COLUMN cancellation_fee_amount SET NOT NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(
    'ALTER TABLE bookings DROP COLUMN refundable, DROP COLUMN cancellation_fee_amount',
  );
}
