import type { Knex } from 'knex';

/**
 * What else is known of passengers and bookings, all of it optional: title, date of birth, loyalty
 * number, phone, and what the client keeps with a booking for itself.
 *
 * Columns without a default are added without rewriting a row. Workers of the release before leave
 * them empty. Their constraints are `NOT VALID`, since every row fits them: the columns are new.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE passengers
      ADD COLUMN title text,
      ADD COLUMN born_on date,
      ADD COLUMN loyalty_number text,
      ADD COLUMN booked_name jsonb,
      ADD CONSTRAINT passengers_booked_name_check
        CHECK (booked_name ->> 'familyName' IS NOT NULL OR booked_name IS NULL) NOT VALID;
    COMMENT ON COLUMN passengers.booked_name IS
      'The name as first booked; null until it is corrected.';

    ALTER TABLE bookings
      ADD COLUMN contact_phone text,
      ADD COLUMN metadata jsonb,
      ADD CONSTRAINT bookings_contact_phone_check CHECK (contact_phone ~ '^\\+[0-9]{3,15}$') NOT VALID,
      ADD CONSTRAINT bookings_metadata_check CHECK (jsonb_typeof(metadata) = 'object') NOT VALID;
    COMMENT ON COLUMN bookings.contact_phone IS 'E.164.';
    COMMENT ON COLUMN bookings.metadata IS 'Texts by name, which the client keeps for itself.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE bookings DROP COLUMN metadata, DROP COLUMN contact_phone;
    ALTER TABLE passengers DROP COLUMN booked_name, DROP COLUMN loyalty_number,
      DROP COLUMN born_on, DROP COLUMN title;
  `);
}
