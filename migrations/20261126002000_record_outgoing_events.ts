import type { Knex } from 'knex';

/**
 * Events for those outside: shops that registered a webhook endpoint, and the contact of a booking.
 *
 * A trigger writes them with the event of the booking, whoever appends that one: none is lost, and
 * none stays of what was rolled back. A booking that nobody outside hears of gets no row. The
 * events hold no personal data: the booking is read when one is sent.
 *
 * Each consumer has a column of its own that says whether it still has to take the event.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE webhook_endpoints (
      id                    uuid PRIMARY KEY,
      owner_id              text NOT NULL,
      url                   text NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
      events                text[] CHECK (cardinality(events) > 0),
      description           text CHECK (length(description) <= 200),
      status                text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled')),
      disabled_because      text CHECK (disabled_because IN ('owner_request', 'failing')),
      secret                text NOT NULL,
      previous_secret       text,
      previous_secret_until timestamptz,
      failing_since         timestamptz,
      created_at            timestamptz NOT NULL DEFAULT now(),
      CHECK ((status = 'disabled') = (disabled_because IS NOT NULL)),
      CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
    );
    CREATE INDEX webhook_endpoints_by_owner ON webhook_endpoints (owner_id, created_at, id);
    COMMENT ON COLUMN webhook_endpoints.events IS 'The types of event that it gets; null for all.';
    COMMENT ON COLUMN webhook_endpoints.secret IS 'Encrypted. It signs what is sent.';
    COMMENT ON COLUMN webhook_endpoints.previous_secret IS
      'Encrypted. It signs too, until previous_secret_until.';
    COMMENT ON COLUMN webhook_endpoints.failing_since IS
      'When the first attempt failed of those since the last that succeeded; else null.';

    CREATE TABLE webhook_endpoint_keys (
      owner_id    text NOT NULL,
      key         text NOT NULL,
      fingerprint text NOT NULL,
      body        json NOT NULL,
      created_at  timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (owner_id, key)
    );
    COMMENT ON TABLE webhook_endpoint_keys IS
      'What the idempotency keys of creating endpoints are bound to: the endpoint, without secret.';

    CREATE TABLE outgoing_events (
      id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      booking_id       uuid NOT NULL REFERENCES bookings,
      sequence         integer NOT NULL CHECK (sequence > 0),
      booking_event_id bigint NOT NULL REFERENCES booking_events,
      type             text NOT NULL CHECK (type IN ('booking.pending', 'booking.booked',
        'booking.cancelled', 'booking.changed', 'booking.schedule_changed', 'payment.declined',
        'refund.succeeded', 'payment.disputed')),
      occurred_at      timestamptz NOT NULL,
      webhooks_due     boolean NOT NULL,
      mail_due         boolean NOT NULL,
      UNIQUE (booking_id, sequence)
    );
    CREATE INDEX outgoing_events_for_webhooks ON outgoing_events (occurred_at) WHERE webhooks_due;
    CREATE INDEX outgoing_events_for_mail ON outgoing_events (occurred_at) WHERE mail_due;
    COMMENT ON COLUMN outgoing_events.sequence IS 'Counts the events of one booking, without gaps.';
    COMMENT ON COLUMN outgoing_events.webhooks_due IS
      'Whether it has not been taken yet for the webhook endpoints of the booking''s owner.';
    COMMENT ON COLUMN outgoing_events.mail_due IS
      'Whether it has not been taken yet for mail to the booking''s contact.';

    -- Runs with the rights of the tables' owner: no process may write an event by itself.
    CREATE FUNCTION record_outgoing_event() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
      shop_hears boolean;
      contact_hears boolean;
    BEGIN
      SELECT EXISTS (SELECT FROM webhook_endpoints e
               WHERE e.owner_id = b.customer_id AND e.status = 'enabled'),
             b.contact_email IS NOT NULL AND NEW.type IN
               ('seats_held', 'booked', 'cancelled', 'changed', 'schedule_changed')
        INTO shop_hears, contact_hears FROM bookings b WHERE b.id = NEW.booking_id;
      IF NOT shop_hears AND NOT contact_hears THEN RETURN NULL; END IF;
      -- The next statement must see what other transactions have numbered.
      PERFORM pg_advisory_xact_lock(hashtextextended('outgoing-events/' || NEW.booking_id, 0));
      INSERT INTO outgoing_events
          (booking_id, sequence, booking_event_id, type, occurred_at, webhooks_due, mail_due)
        SELECT NEW.booking_id, coalesce(max(sequence), 0) + 1, NEW.id,
          CASE NEW.type
            WHEN 'seats_held' THEN 'booking.pending'
            WHEN 'booked' THEN 'booking.booked'
            WHEN 'seats_refused' THEN 'booking.cancelled'
            WHEN 'cancelled' THEN 'booking.cancelled'
            WHEN 'changed' THEN 'booking.changed'
            WHEN 'schedule_changed' THEN 'booking.schedule_changed'
            WHEN 'payment_declined' THEN 'payment.declined'
            WHEN 'refunded' THEN 'refund.succeeded'
            WHEN 'payment_disputed' THEN 'payment.disputed'
          END, NEW.occurred_at, shop_hears, contact_hears
        FROM outgoing_events WHERE booking_id = NEW.booking_id;
      RETURN NULL;
    END $$;

    CREATE TRIGGER booking_events_are_sent_out AFTER INSERT ON booking_events
      FOR EACH ROW WHEN (NEW.type IN ('seats_held', 'booked', 'seats_refused', 'cancelled', 'changed',
        'schedule_changed', 'payment_declined', 'refunded', 'payment_disputed'))
      EXECUTE FUNCTION record_outgoing_event();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER booking_events_are_sent_out ON booking_events;
    DROP FUNCTION record_outgoing_event;
    DROP TABLE outgoing_events, webhook_endpoint_keys, webhook_endpoints;
  `);
}
