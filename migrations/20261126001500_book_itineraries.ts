import type { Knex } from 'knex';

/**
 * Bookings of several flights.
 *
 * A booking of one flight stays as it is: its flight, cabin, price and seats are in `bookings` and
 * `passengers`, and it has no rows in the tables that are made here. So no row is rewritten, the
 * sale of one flight writes nothing more than before, and workers of the release before go on
 * writing valid bookings beside this one. In a booking of several flights these columns are those
 * of its first flight.
 *
 * A seat belonged to a booking of its own flight by a foreign key. Now the key is to the booking
 * alone, and what is checked at commit says which flights' seats it may own. All rows fit the new
 * key, as they fitted the stricter one: the next migration lets PostgreSQL see that for itself.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE bookings ADD COLUMN segment_count smallint NOT NULL DEFAULT 1;
    ALTER TABLE bookings ADD CONSTRAINT bookings_segment_count_check
      CHECK (segment_count BETWEEN 1 AND 8) NOT VALID;
    COMMENT ON COLUMN bookings.segment_count IS
      'How many flights; of one flight there are no rows in booking_segments and passenger_seats.';
    COMMENT ON COLUMN bookings.flight_id IS 'The first flight.';
    COMMENT ON COLUMN passengers.seat_number IS 'The seat on the first flight.';

    ALTER TABLE seats DROP CONSTRAINT seats_owner_fkey;
    ALTER TABLE seats ADD CONSTRAINT seats_owner_fkey
      FOREIGN KEY (booking_id) REFERENCES bookings (id) NOT VALID;
    ALTER TABLE bookings DROP CONSTRAINT bookings_id_flight_id_key;

    CREATE TABLE booking_segments (
      booking_id              uuid NOT NULL REFERENCES bookings,
      position                smallint NOT NULL CHECK (position BETWEEN 0 AND 7),
      slice                   smallint NOT NULL CHECK (slice BETWEEN 0 AND position),
      flight_id               uuid NOT NULL,
      cabin                   text NOT NULL,
      base_amount             bigint NOT NULL CHECK (base_amount > 0),
      taxes_amount            bigint NOT NULL CHECK (taxes_amount >= 0),
      fees_amount             bigint NOT NULL CHECK (fees_amount >= 0),
      refundable              boolean NOT NULL,
      cancellation_fee_amount bigint NOT NULL CHECK (cancellation_fee_amount >= 0),
      PRIMARY KEY (booking_id, position),
      UNIQUE (booking_id, flight_id),
      FOREIGN KEY (flight_id, cabin) REFERENCES flight_cabins
    );
    COMMENT ON TABLE booking_segments IS 'The flights of a booking of several, as they were sold.';
    COMMENT ON COLUMN booking_segments.position IS 'The order in which the flights are flown, from 0.';
    COMMENT ON COLUMN booking_segments.base_amount IS
      'For the whole party, in the minor unit of the booking''s currency, as the other amounts.';

    CREATE TABLE passenger_seats (
      booking_id  uuid NOT NULL,
      flight_id   uuid NOT NULL,
      position    smallint NOT NULL,
      seat_number text NOT NULL CHECK (seat_number ~ '^[1-9][0-9]{0,1}[A-K]$'),
      PRIMARY KEY (booking_id, flight_id, position),
      UNIQUE (booking_id, flight_id, seat_number),
      FOREIGN KEY (booking_id, position) REFERENCES passengers,
      FOREIGN KEY (booking_id, flight_id) REFERENCES booking_segments (booking_id, flight_id)
    );
    COMMENT ON TABLE passenger_seats IS
      'Where each passenger of a booking of several flights sits on each, the first one, too.';
    COMMENT ON COLUMN passenger_seats.position IS 'The passenger''s.';

    CREATE FUNCTION assert_booking_has_its_segments(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      segments integer;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT count(*) INTO segments FROM booking_segments WHERE booking_id = id_of_booking;
      IF booking.segment_count = 1 AND segments = 0 THEN
        RETURN;
      END IF;
      -- Its columns are the sums over its segments, and those of the first one.
      PERFORM 1 FROM booking_segments g WHERE g.booking_id = id_of_booking
        HAVING count(*) = booking.segment_count AND count(*) > 1 AND max(g.position) = count(*) - 1
          AND sum(g.base_amount) = booking.base_amount AND sum(g.taxes_amount) = booking.taxes_amount
          AND sum(g.fees_amount) = booking.fees_amount AND bool_and(g.refundable) = booking.refundable
          AND max(g.cancellation_fee_amount) = booking.cancellation_fee_amount
          AND bool_or((g.position, g.flight_id, g.cabin) = (0, booking.flight_id, booking.cabin));
      IF NOT FOUND THEN
        RAISE EXCEPTION 'booking % and its % segments do not agree', id_of_booking, segments
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;

    CREATE FUNCTION bookings_and_segments_agree() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'bookings' THEN
        PERFORM assert_booking_has_its_segments(NEW.id);
        RETURN NULL;
      END IF;
      IF TG_OP <> 'DELETE' THEN
        PERFORM assert_booking_has_its_segments(NEW.booking_id);
        PERFORM assert_booking_owns_its_seats(NEW.booking_id);
      END IF;
      IF TG_OP <> 'INSERT' THEN
        PERFORM assert_booking_has_its_segments(OLD.booking_id);
        PERFORM assert_booking_owns_its_seats(OLD.booking_id);
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER new_bookings_have_their_segments AFTER INSERT ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.segment_count <> 1) EXECUTE FUNCTION bookings_and_segments_agree();
    CREATE CONSTRAINT TRIGGER bookings_have_their_segments AFTER UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.segment_count <> 1 OR OLD.segment_count <> 1)
      EXECUTE FUNCTION bookings_and_segments_agree();
    CREATE CONSTRAINT TRIGGER segments_have_their_booking AFTER INSERT OR UPDATE OR DELETE ON booking_segments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_and_segments_agree();

    CREATE OR REPLACE FUNCTION assert_booking_owns_its_seats(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      held integer;
      sold integer;
      elsewhere integer;
      wanted integer;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'sold'),
          count(*) FILTER (WHERE (flight_id, cabin) IS DISTINCT FROM (booking.flight_id, booking.cabin))
        INTO held, sold, elsewhere FROM seats WHERE booking_id = id_of_booking;
      wanted := booking.seat_count * booking.segment_count;
      IF (held, sold) IS DISTINCT FROM (
        CASE WHEN booking.status = 'pending' THEN wanted ELSE 0 END,
        CASE WHEN booking.status = 'booked' THEN wanted ELSE 0 END) THEN
        RAISE EXCEPTION 'booking % is % for % seats but has % held and % sold',
          id_of_booking, booking.status, wanted, held, sold USING ERRCODE = 'check_violation';
      END IF;
      IF booking.segment_count <> 1 THEN
        -- It has as many as it needs in all: none elsewhere means as many on each flight.
        SELECT count(*) INTO elsewhere FROM (
          SELECT s.flight_id FROM seats s LEFT JOIN booking_segments g
            ON (g.booking_id, g.flight_id, g.cabin) = (s.booking_id, s.flight_id, s.cabin)
          WHERE s.booking_id = id_of_booking GROUP BY s.flight_id
          HAVING count(*) <> booking.seat_count OR count(g.flight_id) <> booking.seat_count) misplaced;
      END IF;
      IF elsewhere > 0 THEN
        RAISE EXCEPTION 'booking % has % seats of another flight or cabin', id_of_booking, elsewhere
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;
  `);
  for (const table of ['booking_segments', 'passenger_seats'])
    await knex.raw(`
      DO $$ BEGIN
        EXECUTE format($trigger$
          CREATE TRIGGER ${table}_by_hand_are_audited AFTER INSERT OR UPDATE OR DELETE ON ${table}
            FOR EACH ROW WHEN (current_user = %L OR current_setting('is_superuser') = 'on')
            EXECUTE FUNCTION note_for_audit('booking', 'booking_id')$trigger$, current_user);
      END $$;
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_by_hand_are_audited;`);
}

/** Only as long as there is no booking of several flights. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION assert_booking_owns_its_seats(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      held integer;
      sold integer;
      elsewhere integer;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'sold'),
          count(*) FILTER (WHERE (flight_id, cabin) IS DISTINCT FROM (booking.flight_id, booking.cabin))
        INTO held, sold, elsewhere FROM seats WHERE booking_id = id_of_booking;
      IF (held, sold) IS DISTINCT FROM (
        CASE WHEN booking.status = 'pending' THEN booking.seat_count::integer ELSE 0 END,
        CASE WHEN booking.status = 'booked' THEN booking.seat_count::integer ELSE 0 END) THEN
        RAISE EXCEPTION 'booking % is % for % seats but has % held and % sold',
          id_of_booking, booking.status, booking.seat_count, held, sold USING ERRCODE = 'check_violation';
      END IF;
      IF elsewhere > 0 THEN
        RAISE EXCEPTION 'booking % has % seats of another flight or cabin', id_of_booking, elsewhere
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;
    DROP TRIGGER bookings_have_their_segments ON bookings;
    DROP TRIGGER new_bookings_have_their_segments ON bookings;
    DROP TABLE passenger_seats, booking_segments;
    DROP FUNCTION bookings_and_segments_agree, assert_booking_has_its_segments;
    ALTER TABLE bookings ADD UNIQUE (id, flight_id);
    ALTER TABLE seats DROP CONSTRAINT seats_owner_fkey;
    ALTER TABLE seats ADD CONSTRAINT seats_owner_fkey
      FOREIGN KEY (booking_id, flight_id) REFERENCES bookings (id, flight_id);
    ALTER TABLE bookings DROP COLUMN segment_count;
  `);
}
