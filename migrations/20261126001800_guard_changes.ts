import type { Knex } from 'knex';

/**
 * Rules of changes and schedule changes that PostgreSQL keeps itself, and indexes for what is looked
 * for when a step was lost.
 *
 * Bookings that were never changed, and flights that the airline has not touched, have no more to be
 * checked: the conditions of the triggers look at their own rows.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Also for the foreign key, when an old quote is deleted.
    CREATE INDEX changes_by_quote ON changes (quote_id);
    CREATE INDEX booking_schedule_changes_untold ON booking_schedule_changes (schedule_change_id, booking_id)
      WHERE state IN ('pending', 'failed');

    ALTER TABLE booking_schedule_changes
      ADD CONSTRAINT booking_schedule_changes_flown_check CHECK (
        outcome <> 'accepted' OR NOT after @> '[{"segments": [{"status": "cancelled"}]}]') NOT VALID,
      ADD CONSTRAINT booking_schedule_changes_significant_check CHECK (
        NOT (significant AND outcome = 'accepted' AND decided_by = 'system')) NOT VALID;
    COMMENT ON CONSTRAINT booking_schedule_changes_flown_check ON booking_schedule_changes IS
      'Nobody can accept a flight that does not fly.';
    COMMENT ON CONSTRAINT booking_schedule_changes_significant_check ON booking_schedule_changes IS
      'Only a person accepts a significant change (14 CFR 260.6).';

    CREATE FUNCTION refuse_to_reopen_offer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'schedule change % of booking % is settled', OLD.schedule_change_id, OLD.booking_id
        USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER offers_stay_settled BEFORE UPDATE ON booking_schedule_changes
      FOR EACH ROW WHEN (OLD.state = 'settled' AND NEW.state <> 'settled')
      EXECUTE FUNCTION refuse_to_reopen_offer();

    CREATE FUNCTION refuse_offer_of_no_sale() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM bookings b JOIN booking_schedule_changes o ON o.booking_id = b.id
        WHERE b.id = NEW.booking_id AND b.status <> 'booked' AND o.state = 'waiting';
      IF FOUND THEN
        RAISE EXCEPTION 'booking % is not booked, and has an offer', NEW.booking_id
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER offers_are_of_sales AFTER INSERT OR UPDATE ON booking_schedule_changes
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.state = 'waiting') EXECUTE FUNCTION refuse_offer_of_no_sale();

    CREATE FUNCTION refuse_to_fly_again() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'flight % is cancelled', OLD.id USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER flights_stay_cancelled BEFORE UPDATE ON flights
      FOR EACH ROW WHEN (OLD.status = 'cancelled' AND NEW.status <> 'cancelled')
      EXECUTE FUNCTION refuse_to_fly_again();

    CREATE FUNCTION refuse_to_forget_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- Seats that a change holds beside those of its booking are given back: it is not completed.
      PERFORM 1 FROM seats s JOIN bookings b ON b.id = s.booking_id
        WHERE s.flight_id = NEW.id AND (s.state = 'sold' OR b.status = 'pending') AND NOT EXISTS (
          SELECT FROM booking_schedule_changes o JOIN schedule_changes c ON c.id = o.schedule_change_id
          WHERE o.booking_id = b.id AND c.flight_id = NEW.id AND c.kind = 'cancelled');
      IF FOUND THEN
        RAISE EXCEPTION 'flight % is cancelled, and not all of its bookings are to be told', NEW.id
          USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER cancelled_flights_list_their_bookings AFTER UPDATE ON flights
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.status = 'cancelled' AND OLD.status <> 'cancelled')
      EXECUTE FUNCTION refuse_to_forget_bookings();

    CREATE FUNCTION assert_booking_is_as_changed(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      latest uuid;
    BEGIN
      SELECT * INTO booking FROM bookings
        WHERE id = id_of_booking AND status = 'booked' AND change_count > 0;
      IF NOT FOUND THEN
        RETURN;
      END IF;
      SELECT id INTO latest FROM changes
        WHERE booking_id = id_of_booking AND status = 'completed' ORDER BY created_at DESC LIMIT 1;
      PERFORM 1 FROM (
          SELECT position, flight_id, cabin, base_amount + taxes_amount + fees_amount AS amount
            FROM booking_segments WHERE booking_id = id_of_booking
          UNION ALL
          SELECT 0, booking.flight_id, booking.cabin, booking.price_amount WHERE booking.segment_count = 1
        ) present
        FULL JOIN (
          SELECT position, flight_id, cabin, base_amount + taxes_amount + fees_amount AS amount
            FROM change_segments WHERE change_id = latest
        ) wanted USING (position)
        WHERE (present.flight_id, present.cabin, present.amount)
          IS DISTINCT FROM (wanted.flight_id, wanted.cabin, wanted.amount);
      IF FOUND THEN
        RAISE EXCEPTION 'booking % has not the flights of its last change', id_of_booking
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;
    CREATE FUNCTION bookings_are_as_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_booking_is_as_changed(NEW.id);
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER bookings_are_as_changed AFTER UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.change_count > 0 AND NEW.status = 'booked') EXECUTE FUNCTION bookings_are_as_changed();

    CREATE OR REPLACE FUNCTION bookings_and_segments_agree() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'bookings' THEN
        PERFORM assert_booking_has_its_segments(NEW.id);
        RETURN NULL;
      END IF;
      IF TG_OP <> 'DELETE' THEN
        PERFORM assert_booking_has_its_segments(NEW.booking_id);
        PERFORM assert_booking_owns_its_seats(NEW.booking_id);
        PERFORM assert_booking_is_as_changed(NEW.booking_id);
      END IF;
      IF TG_OP <> 'INSERT' THEN
        PERFORM assert_booking_has_its_segments(OLD.booking_id);
        PERFORM assert_booking_owns_its_seats(OLD.booking_id);
        PERFORM assert_booking_is_as_changed(OLD.booking_id);
      END IF;
      RETURN NULL;
    END $$;
  `);
  // A schedule change has no event of its own by which the auditor finds the flight.
  await knex.raw(`
    CREATE TRIGGER schedule_changes_are_audited AFTER INSERT OR UPDATE OR DELETE ON schedule_changes
      FOR EACH ROW EXECUTE FUNCTION note_for_audit('flight', 'flight_id');
    ALTER TABLE schedule_changes ENABLE ALWAYS TRIGGER schedule_changes_are_audited;
    DO $$ BEGIN
      EXECUTE format($trigger$
        CREATE TRIGGER flights_by_hand_are_audited AFTER UPDATE ON flights
          FOR EACH ROW WHEN (current_user = %L OR current_setting('is_superuser') = 'on')
          EXECUTE FUNCTION note_for_audit('flight', 'id')$trigger$, current_user);
    END $$;
    ALTER TABLE flights ENABLE ALWAYS TRIGGER flights_by_hand_are_audited;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER schedule_changes_are_audited ON schedule_changes;
    DROP TRIGGER flights_by_hand_are_audited ON flights;
    CREATE OR REPLACE FUNCTION bookings_and_segments_agree() RETURNS trigger LANGUAGE plpgsql AS $$
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
    DROP TRIGGER bookings_are_as_changed ON bookings;
    DROP TRIGGER cancelled_flights_list_their_bookings ON flights;
    DROP TRIGGER flights_stay_cancelled ON flights;
    DROP TRIGGER offers_are_of_sales ON booking_schedule_changes;
    DROP TRIGGER offers_stay_settled ON booking_schedule_changes;
    DROP FUNCTION bookings_are_as_changed, assert_booking_is_as_changed, refuse_to_forget_bookings,
      refuse_to_fly_again, refuse_offer_of_no_sale, refuse_to_reopen_offer;
    ALTER TABLE booking_schedule_changes
      DROP CONSTRAINT booking_schedule_changes_significant_check,
      DROP CONSTRAINT booking_schedule_changes_flown_check;
    DROP INDEX booking_schedule_changes_untold, changes_by_quote;
  `);
}
