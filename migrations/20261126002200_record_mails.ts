import type { Knex } from 'knex';

/**
 * Mails to the contacts of bookings: one for each outgoing event that a contact hears of. They hold
 * no personal data: booking and address are read when a mail is sent.
 *
 * Mail is off until a worker with a mail server has run. Until then a booking with a contact costs
 * no more than one without.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE mail_delivery (
      id    boolean PRIMARY KEY DEFAULT true CHECK (id),
      is_on boolean NOT NULL DEFAULT false
    );
    INSERT INTO mail_delivery DEFAULT VALUES;
    COMMENT ON TABLE mail_delivery IS 'One row. Off: contacts of bookings hear of nothing.';

    CREATE TABLE mails (
      id              uuid PRIMARY KEY REFERENCES outgoing_events,
      booking_id      uuid NOT NULL REFERENCES bookings,
      kind            text NOT NULL CHECK (kind IN ('held', 'booked', 'cancelled', 'changed',
        'schedule_changed')),
      sequence        integer NOT NULL,
      occurred_at     timestamptz NOT NULL,
      status          text NOT NULL CHECK (status IN ('due', 'sent', 'refused', 'withheld', 'expired')),
      attempts        integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz,
      last_reply      integer,
      settled_at      timestamptz,
      CHECK ((status = 'due') = (next_attempt_at IS NOT NULL)),
      CHECK ((status = 'due') = (settled_at IS NULL))
    );
    CREATE INDEX mails_by_booking ON mails (booking_id, sequence);
    CREATE INDEX mails_due ON mails (next_attempt_at) WHERE status = 'due';
    COMMENT ON COLUMN mails.id IS 'The ID of its event, and the first part of its Message-ID.';
    COMMENT ON COLUMN mails.sequence IS 'The number of its event among those of its booking.';
    COMMENT ON COLUMN mails.next_attempt_at IS
      'When to send it, or, while it is being sent, until when nobody else may.';
    COMMENT ON COLUMN mails.last_reply IS 'The code with which the mail server refused it last.';

    -- Finds the mails of one address, of which there may only be so many.
    CREATE INDEX bookings_by_contact ON bookings (lower(contact_email), created_at)
      WHERE contact_email IS NOT NULL;

    CREATE FUNCTION leave_out_mail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (SELECT is_on FROM mail_delivery) THEN RETURN NEW; END IF;
      NEW.mail_due := false;
      -- Nobody hears of it: it gets no row, and takes no number.
      IF NOT NEW.webhooks_due THEN RETURN NULL; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER outgoing_events_without_mail BEFORE INSERT ON outgoing_events
      FOR EACH ROW WHEN (NEW.mail_due) EXECUTE FUNCTION leave_out_mail();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER outgoing_events_without_mail ON outgoing_events;
    DROP FUNCTION leave_out_mail;
    DROP INDEX bookings_by_contact;
    DROP TABLE mails, mail_delivery;
  `);
}
