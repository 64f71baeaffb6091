import type { Knex } from 'knex';

/**
 * What the airline does to its flights, and what becomes of each booking of them.
 *
 * A moved flight may leave on another day. So the number, origin and day of a flight no longer tell
 * flights apart; their ID does, which derives from the day that they were planned for. The index
 * stays, to find flights by their number.
 *
 * The table of bookings is not read: the next migration lets PostgreSQL see that all rows fit.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE flights ADD COLUMN status text NOT NULL DEFAULT 'scheduled'
      CHECK (status IN ('scheduled', 'moved', 'cancelled'));
    COMMENT ON COLUMN flights.status IS
      'moved: flies at other times than first planned; cancelled: does not fly, and is not sold.';
    ALTER TABLE flights DROP CONSTRAINT flights_flight_number_origin_departure_date_key;
    CREATE INDEX flights_by_number ON flights (flight_number, origin, departure_date);

    CREATE FUNCTION refuse_to_make_another_flight() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'flight % stays on its route', OLD.id USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER flights_stay_on_their_route BEFORE UPDATE ON flights FOR EACH ROW
      WHEN ((OLD.id, OLD.carrier_code, OLD.flight_number, OLD.origin, OLD.destination)
        IS DISTINCT FROM (NEW.id, NEW.carrier_code, NEW.flight_number, NEW.origin, NEW.destination))
      EXECUTE FUNCTION refuse_to_make_another_flight();

    ALTER TABLE bookings DROP CONSTRAINT bookings_cancellation_reason_check;
    ALTER TABLE bookings ADD CONSTRAINT bookings_cancellation_reason_check
      CHECK (cancellation_reason IN (
        'seats_unavailable', 'flight_closed', 'too_many_holds', 'payment_expired',
        'customer_request', 'operator_request', 'reservation_failed', 'flight_cancelled')) NOT VALID;

    CREATE TABLE schedule_changes (
      id               uuid PRIMARY KEY,
      flight_id        uuid NOT NULL REFERENCES flights,
      kind             text NOT NULL CHECK (kind IN ('cancelled', 'moved')),
      reason           text NOT NULL,
      requested_by     text NOT NULL,
      fingerprint      text NOT NULL,
      old_departure_at timestamptz NOT NULL,
      old_arrival_at   timestamptz NOT NULL,
      new_departure_at timestamptz,
      new_arrival_at   timestamptz CHECK (new_arrival_at > new_departure_at),
      applied_at       timestamptz NOT NULL,
      CHECK (num_nonnulls(new_departure_at, new_arrival_at) = CASE kind WHEN 'moved' THEN 2 ELSE 0 END)
    );
    CREATE INDEX schedule_changes_by_flight ON schedule_changes (flight_id);
    CREATE UNIQUE INDEX schedule_changes_one_cancellation ON schedule_changes (flight_id)
      WHERE kind = 'cancelled';
    COMMENT ON TABLE schedule_changes IS 'What the airline did to a flight.';
    COMMENT ON COLUMN schedule_changes.reason IS 'In words that customers may read.';
    COMMENT ON COLUMN schedule_changes.fingerprint IS
      'Digest of the request: tells a retry from another request under the same key.';

    CREATE TABLE booking_schedule_changes (
      schedule_change_id uuid NOT NULL REFERENCES schedule_changes,
      booking_id         uuid NOT NULL REFERENCES bookings,
      sequence           bigint GENERATED ALWAYS AS IDENTITY,
      state              text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'waiting', 'settled', 'failed')),
      accepted_times     jsonb NOT NULL,
      before             jsonb,
      after              jsonb,
      significant        boolean,
      respond_by         timestamptz,
      outcome            text CHECK (outcome IN ('accepted', 'changed', 'cancelled', 'superseded')),
      decided_by         text CHECK (decided_by IN ('person', 'system')),
      settled_at         timestamptz,
      PRIMARY KEY (schedule_change_id, booking_id),
      UNIQUE (sequence),
      CHECK (num_nonnulls(before, after, significant, respond_by) IN (0, 4)),
      CHECK (state <> 'waiting' OR respond_by IS NOT NULL),
      CHECK (num_nonnulls(outcome, decided_by, settled_at) = CASE state WHEN 'settled' THEN 3 ELSE 0 END)
    );
    CREATE INDEX booking_schedule_changes_by_booking ON booking_schedule_changes (booking_id, sequence);
    CREATE UNIQUE INDEX booking_schedule_changes_one_offer ON booking_schedule_changes (booking_id)
      WHERE state = 'waiting';
    CREATE INDEX booking_schedule_changes_due ON booking_schedule_changes (respond_by)
      WHERE state = 'waiting';
    COMMENT ON TABLE booking_schedule_changes IS
      'The bookings that a schedule change affects: those with a seat on the flight when it was applied.';
    COMMENT ON COLUMN booking_schedule_changes.state IS
      'pending: the booking was not told yet; waiting: for a response; failed: could not be told.';
    COMMENT ON COLUMN booking_schedule_changes.accepted_times IS
      'The times of its flights as a person accepted them last: flightId, departureAt, arrivalAt.';
    COMMENT ON COLUMN booking_schedule_changes.before IS 'The slices as a person accepted them last.';
    COMMENT ON COLUMN booking_schedule_changes.after IS 'The slices as they were when it was offered.';
    COMMENT ON COLUMN booking_schedule_changes.significant IS
      'Whether cancelling refunds all of it (14 CFR 260.2).';
  `);
  await knex.raw(`
    DO $$ BEGIN
      EXECUTE format($trigger$
        CREATE TRIGGER booking_schedule_changes_by_hand_are_audited
          AFTER INSERT OR UPDATE OR DELETE ON booking_schedule_changes
          FOR EACH ROW WHEN (current_user = %L OR current_setting('is_superuser') = 'on')
          EXECUTE FUNCTION note_for_audit('booking', 'booking_id')$trigger$, current_user);
    END $$;
    ALTER TABLE booking_schedule_changes
      ENABLE ALWAYS TRIGGER booking_schedule_changes_by_hand_are_audited;
  `);
}

/** Only as long as no flight was changed. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE booking_schedule_changes, schedule_changes;
    ALTER TABLE bookings DROP CONSTRAINT bookings_cancellation_reason_check;
    ALTER TABLE bookings ADD CONSTRAINT bookings_cancellation_reason_check
      CHECK (cancellation_reason IN (
        'seats_unavailable', 'flight_closed', 'too_many_holds', 'payment_expired',
        'customer_request', 'operator_request', 'reservation_failed'));
    DROP TRIGGER flights_stay_on_their_route ON flights;
    DROP FUNCTION refuse_to_make_another_flight;
    DROP INDEX flights_by_number;
    ALTER TABLE flights ADD UNIQUE (flight_number, origin, departure_date);
    ALTER TABLE flights DROP COLUMN status;
  `);
}
