import type { Knex } from 'knex';

/**
 * Bookings, their passengers, their history, and the first answer of every idempotency key.
 *
 * What a seat and a booking must agree on is checked at commit by `bookings_and_seats_agree`, so no code path can leave
 * a cancelled booking with a seat, or a pending one without.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE bookings (
      id                  uuid PRIMARY KEY,
      reference           text NOT NULL UNIQUE CHECK (reference ~ '^[A-HJ-NP-Z2-9]{6}$'),
      customer_id         text NOT NULL,
      flight_id           uuid NOT NULL,
      cabin               text NOT NULL,
      status              text NOT NULL CHECK (status IN ('initiated', 'pending', 'booked', 'cancelled')),
      cancellation_reason text CHECK (cancellation_reason IN (
        'seats_unavailable', 'flight_closed', 'too_many_holds', 'payment_expired',
        'customer_request', 'operator_request', 'reservation_failed')),
      seat_count          smallint NOT NULL CHECK (seat_count BETWEEN 1 AND 9),
      base_amount         bigint NOT NULL CHECK (base_amount > 0),
      taxes_amount        bigint NOT NULL CHECK (taxes_amount >= 0),
      fees_amount         bigint NOT NULL CHECK (fees_amount >= 0),
      price_amount        bigint NOT NULL CHECK (price_amount = base_amount + taxes_amount + fees_amount),
      currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      contact_email       text,
      payment_required_by timestamptz,
      created_at          timestamptz NOT NULL,
      FOREIGN KEY (flight_id, cabin) REFERENCES flight_cabins,
      UNIQUE (id, flight_id),
      CHECK ((status = 'cancelled') = (cancellation_reason IS NOT NULL)),
      CHECK (status <> 'pending' OR payment_required_by IS NOT NULL)
    );
    CREATE INDEX bookings_by_customer ON bookings (customer_id, created_at DESC, id DESC);
    CREATE INDEX bookings_by_age ON bookings (created_at DESC, id DESC);
    CREATE INDEX bookings_open_holds ON bookings (customer_id) WHERE status = 'pending';
    CREATE INDEX bookings_by_deadline ON bookings (payment_required_by) WHERE status = 'pending';

    ALTER TABLE seats ADD CONSTRAINT seats_owner_fkey
      FOREIGN KEY (booking_id, flight_id) REFERENCES bookings (id, flight_id);

    CREATE TABLE passengers (
      booking_id  uuid NOT NULL REFERENCES bookings,
      position    smallint NOT NULL CHECK (position >= 0),
      given_name  text NOT NULL,
      family_name text NOT NULL,
      type        text NOT NULL CHECK (type IN ('adult', 'child', 'infant')),
      seat_number text,
      PRIMARY KEY (booking_id, position),
      CHECK (type <> 'infant' OR seat_number IS NULL)
    );

    CREATE TABLE booking_events (
      id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      booking_id  uuid NOT NULL REFERENCES bookings,
      type        text NOT NULL,
      actor       text NOT NULL,
      reason      text,
      occurred_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX booking_events_by_booking ON booking_events (booking_id, id);

    CREATE TABLE idempotency_outcomes (
      caller_id   text NOT NULL,
      route       text NOT NULL CHECK (route IN ('bookings', 'payments')),
      key         text NOT NULL,
      fingerprint text NOT NULL,
      status_code smallint NOT NULL CHECK (status_code BETWEEN 200 AND 499),
      body        json NOT NULL,
      created_at  timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (caller_id, route, key)
    );
    COMMENT ON COLUMN idempotency_outcomes.body IS 'json, not jsonb: the answer is repeated letter by letter.';

    CREATE FUNCTION refuse_illegal_transition() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF (OLD.status, NEW.status) NOT IN (
        ('initiated', 'pending'), ('initiated', 'cancelled'),
        ('pending', 'booked'), ('pending', 'cancelled'), ('booked', 'cancelled')) THEN
        RAISE EXCEPTION 'a % booking cannot become %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER bookings_transition BEFORE UPDATE OF status ON bookings
      FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION refuse_illegal_transition();

    CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER booking_events_append_only BEFORE UPDATE OR DELETE ON booking_events
      FOR EACH ROW EXECUTE FUNCTION refuse_change_of_history();

    CREATE FUNCTION assert_booking_owns_its_seats(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      held integer;
      sold integer;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'sold')
        INTO held, sold FROM seats WHERE booking_id = id_of_booking;
      IF (held, sold) IS DISTINCT FROM (
        CASE WHEN booking.status = 'pending' THEN booking.seat_count::integer ELSE 0 END,
        CASE WHEN booking.status = 'booked' THEN booking.seat_count::integer ELSE 0 END) THEN
        RAISE EXCEPTION 'booking % is % for % seats but has % held and % sold',
          id_of_booking, booking.status, booking.seat_count, held, sold USING ERRCODE = 'check_violation';
      END IF;
    END $$;

    CREATE FUNCTION bookings_and_seats_agree() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'bookings' THEN
        PERFORM assert_booking_owns_its_seats(NEW.id);
      ELSE
        PERFORM assert_booking_owns_its_seats(owner)
          FROM unnest(ARRAY[OLD.booking_id, NEW.booking_id]) AS owner
          WHERE owner IS NOT NULL GROUP BY owner;
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER bookings_own_their_seats AFTER INSERT OR UPDATE OF status, seat_count ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_and_seats_agree();
    CREATE CONSTRAINT TRIGGER seats_have_their_booking AFTER UPDATE OF state, booking_id ON seats
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_and_seats_agree();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER seats_have_their_booking ON seats;
    ALTER TABLE seats DROP CONSTRAINT seats_owner_fkey;
    DROP TABLE idempotency_outcomes, booking_events, passengers, bookings;
    DROP FUNCTION bookings_and_seats_agree, refuse_change_of_history, refuse_illegal_transition;
    DROP FUNCTION assert_booking_owns_its_seats;
  `);
}
