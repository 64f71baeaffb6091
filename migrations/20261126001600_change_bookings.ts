import type { Knex } from 'knex';

/**
 * Changes: flights of a booked booking exchanged for others.
 *
 * A quote says what a change would cost, and holds nothing. A change is pending while its seats are
 * held beside those that are sold, and its money is taken; then it is completed, or has failed.
 * Bookings that were never changed have no rows here, and their rules read nothing more: what is
 * checked at commit looks at changes only where a booking's own row says that there are some.
 *
 * Each purchase has at most one applied capture: the booking, and each change that is paid for. A
 * payment may have several refunds, one for each change and one final. Workers of the release before
 * insert refunds "ON CONFLICT (payment_id)", which needs the constraint that goes here: such an
 * activity fails, and is tried again until a worker of this release takes it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE change_quotes (
      id               uuid PRIMARY KEY,
      booking_id       uuid NOT NULL REFERENCES bookings,
      slices           json NOT NULL,
      price_amount     bigint NOT NULL CHECK (price_amount > 0),
      new_total_amount bigint NOT NULL CHECK (new_total_amount > 0),
      fee_amount       bigint NOT NULL CHECK (fee_amount >= 0),
      currency         text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      quoted_at        timestamptz NOT NULL,
      expires_at       timestamptz NOT NULL
    );
    COMMENT ON TABLE change_quotes IS
      'What a change would cost. Written by the API; the change is priced anew, and must agree.';
    COMMENT ON COLUMN change_quotes.slices IS 'Which slices are exchanged, for which flights.';
    COMMENT ON COLUMN change_quotes.price_amount IS 'What the booking cost when it was quoted.';
    CREATE INDEX change_quotes_by_booking ON change_quotes (booking_id);
    CREATE INDEX change_quotes_by_expiry ON change_quotes (expires_at);

    CREATE TABLE changes (
      id                      uuid PRIMARY KEY,
      booking_id              uuid NOT NULL REFERENCES bookings,
      quote_id                uuid NOT NULL REFERENCES change_quotes,
      caller_id               text NOT NULL,
      idempotency_key         text NOT NULL,
      request_fingerprint     text NOT NULL,
      status                  text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'completed', 'failed')),
      failure                 text,
      base_amount             bigint NOT NULL CHECK (base_amount > 0),
      taxes_amount            bigint NOT NULL CHECK (taxes_amount >= 0),
      fees_amount             bigint NOT NULL CHECK (fees_amount >= 0),
      price_amount            bigint NOT NULL CHECK (price_amount = base_amount + taxes_amount + fees_amount),
      fee_amount              bigint NOT NULL CHECK (fee_amount >= 0),
      to_pay_amount           bigint NOT NULL CHECK (to_pay_amount >= 0),
      to_refund_amount        bigint NOT NULL CHECK (to_refund_amount >= 0),
      currency                text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
      refundable              boolean NOT NULL,
      cancellation_fee_amount bigint NOT NULL CHECK (cancellation_fee_amount >= 0),
      payment_required_by     timestamptz NOT NULL,
      flight_changed          boolean NOT NULL DEFAULT false,
      created_at              timestamptz NOT NULL DEFAULT now(),
      decided_at              timestamptz,
      UNIQUE (caller_id, idempotency_key),
      CHECK (least(to_pay_amount, to_refund_amount) = 0),
      CHECK ((status = 'pending') = (decided_at IS NULL)),
      CHECK ((status = 'failed') = (failure IS NOT NULL))
    );
    COMMENT ON COLUMN changes.price_amount IS 'What the booking costs once it is changed.';
    COMMENT ON COLUMN changes.fee_amount IS 'What the change costs beside the difference of fares.';
    COMMENT ON COLUMN changes.flight_changed IS
      'Whether the airline has changed a new flight of it meanwhile: then it is not completed.';
    CREATE INDEX changes_by_booking ON changes (booking_id, created_at);
    CREATE UNIQUE INDEX changes_one_pending ON changes (booking_id) WHERE status = 'pending';
    CREATE UNIQUE INDEX changes_one_per_quote ON changes (quote_id) WHERE status <> 'failed';

    CREATE TABLE change_segments (
      change_id               uuid NOT NULL REFERENCES changes,
      position                smallint NOT NULL CHECK (position BETWEEN 0 AND 7),
      slice                   smallint NOT NULL CHECK (slice BETWEEN 0 AND position),
      flight_id               uuid NOT NULL,
      cabin                   text NOT NULL,
      base_amount             bigint NOT NULL CHECK (base_amount > 0),
      taxes_amount            bigint NOT NULL CHECK (taxes_amount >= 0),
      fees_amount             bigint NOT NULL CHECK (fees_amount >= 0),
      refundable              boolean NOT NULL,
      cancellation_fee_amount bigint NOT NULL CHECK (cancellation_fee_amount >= 0),
      is_new                  boolean NOT NULL,
      PRIMARY KEY (change_id, position),
      UNIQUE (change_id, flight_id),
      FOREIGN KEY (flight_id, cabin) REFERENCES flight_cabins
    );
    CREATE INDEX change_segments_by_flight ON change_segments (flight_id);
    COMMENT ON TABLE change_segments IS 'The whole itinerary after a change, of one flight, too.';
    COMMENT ON COLUMN change_segments.is_new IS 'The others keep their seats and their price.';

    CREATE TABLE change_seats (
      change_id   uuid NOT NULL,
      flight_id   uuid NOT NULL,
      position    smallint NOT NULL,
      seat_number text NOT NULL CHECK (seat_number ~ '^[1-9][0-9]{0,1}[A-K]$'),
      PRIMARY KEY (change_id, flight_id, position),
      UNIQUE (change_id, flight_id, seat_number),
      FOREIGN KEY (change_id, flight_id) REFERENCES change_segments (change_id, flight_id)
    );
    COMMENT ON TABLE change_seats IS 'Where passengers sit on the new flights.';
    COMMENT ON COLUMN change_seats.position IS 'The passenger''s.';

    ALTER TABLE bookings
      ADD COLUMN change_count smallint NOT NULL DEFAULT 0,
      ADD COLUMN pending_change_id uuid REFERENCES changes,
      ADD CONSTRAINT bookings_changing_check
        CHECK (pending_change_id IS NULL OR status = 'booked') NOT VALID;
    COMMENT ON COLUMN bookings.change_count IS 'How many changes were completed.';
    COMMENT ON COLUMN bookings.pending_change_id IS 'The change that is being made, if any.';

    ALTER TABLE payments ADD COLUMN change_id uuid REFERENCES changes;
    COMMENT ON COLUMN payments.change_id IS 'The change that it pays for; null of the booking itself.';
    CREATE UNIQUE INDEX payments_one_applied_per_change ON payments (change_id) WHERE applied;
    DROP INDEX payments_one_applied;
    CREATE UNIQUE INDEX payments_one_applied ON payments (booking_id) WHERE applied AND change_id IS NULL;

    ALTER TABLE refunds
      ADD COLUMN change_id uuid REFERENCES changes,
      DROP CONSTRAINT refunds_payment_id_key;
    COMMENT ON COLUMN refunds.change_id IS 'The change that it belongs to; null of the final one.';
    CREATE INDEX refunds_by_payment ON refunds (payment_id);
    CREATE UNIQUE INDEX refunds_one_final ON refunds (payment_id) WHERE change_id IS NULL;
    CREATE UNIQUE INDEX refunds_one_per_change ON refunds (payment_id, change_id) WHERE change_id IS NOT NULL;
    CREATE INDEX refunds_by_change ON refunds (change_id) WHERE change_id IS NOT NULL;

    ALTER TABLE ledger_transactions
      ADD COLUMN change_id uuid REFERENCES changes,
      ADD COLUMN refund_id uuid REFERENCES refunds,
      DROP CONSTRAINT ledger_transactions_kind_check,
      ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN (
        'capture', 'cancellation', 'change', 'refund', 'refund_reversed',
        'provider_refund', 'provider_refund_reversed', 'dispute_withdrawn', 'dispute_reinstated')) NOT VALID,
      ADD CONSTRAINT ledger_transactions_change_check CHECK ((kind = 'change') = (change_id IS NOT NULL)) NOT VALID,
      ADD CONSTRAINT ledger_transactions_refund_check
        CHECK (refund_id IS NULL OR kind IN ('refund', 'refund_reversed')) NOT VALID;
    COMMENT ON COLUMN ledger_transactions.refund_id IS 'The refund of a change; null of the final one.';
    DROP INDEX ledger_one_refund_per_payment;
    CREATE UNIQUE INDEX ledger_one_refund_per_payment ON ledger_transactions (payment_id, round)
      WHERE kind = 'refund' AND refund_id IS NULL;
    -- Also for the foreign key, when a refund is deleted.
    CREATE UNIQUE INDEX ledger_one_per_refund ON ledger_transactions (refund_id, kind, round)
      WHERE refund_id IS NOT NULL;
    CREATE UNIQUE INDEX ledger_one_change_per_payment ON ledger_transactions (change_id, payment_id)
      WHERE kind = 'change';

    ALTER TABLE idempotency_outcomes
      DROP CONSTRAINT idempotency_outcomes_route_check,
      DROP CONSTRAINT idempotency_outcomes_kind,
      ADD CONSTRAINT idempotency_outcomes_route_check
        CHECK (route IN ('bookings', 'payments', 'changes')) NOT VALID,
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined')
        OR route = 'changes' AND kind IN ('change_completed', 'change_declined'))) NOT VALID;

    CREATE FUNCTION assert_change_has_its_seats(id_of_change uuid, id_of_booking uuid, seat_count integer)
      RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE
      beside integer;
    BEGIN
      PERFORM 1 FROM changes WHERE (id, booking_id, status) = (id_of_change, id_of_booking, 'pending');
      IF NOT FOUND THEN
        RAISE EXCEPTION 'booking % is not being changed by %', id_of_booking, id_of_change
          USING ERRCODE = 'check_violation';
      END IF;
      SELECT count(*) * seat_count INTO beside FROM change_segments WHERE change_id = id_of_change AND is_new;
      -- As many seats on each new flight, and each of them held.
      PERFORM 1 FROM change_segments g
        LEFT JOIN change_seats c ON (c.change_id, c.flight_id) = (g.change_id, g.flight_id)
        LEFT JOIN seats s ON (s.flight_id, s.seat_number, s.cabin, s.booking_id, s.state)
          = (c.flight_id, c.seat_number, g.cabin, id_of_booking, 'held')
        WHERE g.change_id = id_of_change AND g.is_new
        GROUP BY g.flight_id HAVING count(s.flight_id) <> seat_count OR count(c.flight_id) <> seat_count;
      IF FOUND THEN
        RAISE EXCEPTION 'change % does not hold its seats', id_of_change USING ERRCODE = 'check_violation';
      END IF;
      RETURN beside;
    END $$;

    CREATE OR REPLACE FUNCTION assert_booking_owns_its_seats(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      held integer;
      sold integer;
      elsewhere integer;
      wanted integer;
      wanted_beside integer := 0;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT count(*) FILTER (WHERE state = 'held'), count(*) FILTER (WHERE state = 'sold'),
          count(*) FILTER (WHERE (flight_id, cabin) IS DISTINCT FROM (booking.flight_id, booking.cabin)
            AND NOT (booking.pending_change_id IS NOT NULL AND state = 'held'))
        INTO held, sold, elsewhere FROM seats WHERE booking_id = id_of_booking;
      wanted := booking.seat_count * booking.segment_count;
      IF booking.pending_change_id IS NOT NULL THEN
        wanted_beside := assert_change_has_its_seats(booking.pending_change_id, id_of_booking, booking.seat_count);
      END IF;
      IF (held, sold) IS DISTINCT FROM (
        CASE WHEN booking.status = 'pending' THEN wanted ELSE wanted_beside END,
        CASE WHEN booking.status = 'booked' THEN wanted ELSE 0 END) THEN
        RAISE EXCEPTION 'booking % is % for % seats but has % held and % sold',
          id_of_booking, booking.status, wanted, held, sold USING ERRCODE = 'check_violation';
      END IF;
      IF booking.segment_count <> 1 THEN
        -- It has as many as it needs in all: none elsewhere means as many on each flight.
        SELECT count(*) INTO elsewhere FROM (
          SELECT s.flight_id FROM seats s LEFT JOIN booking_segments g
            ON (g.booking_id, g.flight_id, g.cabin) = (s.booking_id, s.flight_id, s.cabin)
          WHERE s.booking_id = id_of_booking AND (booking.pending_change_id IS NULL OR s.state = 'sold')
          GROUP BY s.flight_id
          HAVING count(*) <> booking.seat_count OR count(g.flight_id) <> booking.seat_count) misplaced;
      END IF;
      IF elsewhere > 0 THEN
        RAISE EXCEPTION 'booking % has % seats of another flight or cabin', id_of_booking, elsewhere
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;

    CREATE FUNCTION changes_and_bookings_agree() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM bookings b JOIN changes c ON c.booking_id = b.id
        WHERE c.id = NEW.id AND (c.status = 'pending') <> (b.pending_change_id IS NOT DISTINCT FROM c.id);
      IF FOUND THEN
        RAISE EXCEPTION 'change % and its booking do not agree', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      PERFORM assert_booking_is_paid(NEW.booking_id);
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER changes_have_their_booking AFTER INSERT OR UPDATE ON changes
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION changes_and_bookings_agree();

    CREATE FUNCTION changes_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM bookings b WHERE b.id = NEW.id AND b.change_count <> (
        SELECT count(*) FROM changes c WHERE c.booking_id = b.id AND c.status = 'completed');
      IF FOUND THEN
        RAISE EXCEPTION 'booking % does not count its changes', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER bookings_count_their_changes AFTER UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (OLD.change_count <> NEW.change_count) EXECUTE FUNCTION changes_are_counted();

    CREATE FUNCTION refuse_to_reopen_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'change % is decided', OLD.id USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER changes_stay_decided BEFORE UPDATE ON changes
      FOR EACH ROW WHEN (OLD.status <> 'pending' AND OLD.status <> NEW.status)
      EXECUTE FUNCTION refuse_to_reopen_change();

    CREATE FUNCTION assert_changes_are_settled(booking bookings) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
      completed integer;
      changed bigint;
    BEGIN
      SELECT count(*), coalesce(sum(to_pay_amount - to_refund_amount - fee_amount), 0)
        INTO completed, changed FROM changes WHERE booking_id = booking.id AND status = 'completed';
      IF completed <> booking.change_count THEN
        RAISE EXCEPTION 'booking % was changed % times, not %', booking.id, completed, booking.change_count
          USING ERRCODE = 'check_violation';
      END IF;
      -- Each is paid for, or given back, exactly; one that was not completed is neither.
      PERFORM 1 FROM changes c
        WHERE c.booking_id = booking.id AND (
          CASE WHEN c.status = 'completed' THEN c.to_pay_amount ELSE 0 END <> coalesce((
            SELECT sum(p.amount) FROM payments p
            WHERE p.booking_id = booking.id AND p.change_id = c.id AND p.applied AND p.currency = c.currency), 0)
          OR CASE WHEN c.status = 'completed' THEN c.to_refund_amount ELSE 0 END <> coalesce((
            SELECT sum(r.amount) FROM refunds r WHERE r.change_id = c.id AND r.currency = c.currency), 0));
      IF FOUND THEN
        RAISE EXCEPTION 'a change of booking % is not settled', booking.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN changed;
    END $$;

    CREATE OR REPLACE FUNCTION assert_booking_is_paid(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      paid payments;
      changed bigint := 0;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT * INTO paid FROM payments WHERE booking_id = id_of_booking AND applied AND change_id IS NULL;
      IF paid.id IS NULL THEN
        IF booking.status = 'booked' THEN
          RAISE EXCEPTION 'booking % is booked but not paid', id_of_booking USING ERRCODE = 'check_violation';
        END IF;
        RETURN;
      END IF;
      IF booking.status IN ('initiated', 'pending') THEN
        RAISE EXCEPTION 'booking % is paid but only %', id_of_booking, booking.status
          USING ERRCODE = 'check_violation';
      END IF;
      IF booking.change_count > 0 THEN
        changed := assert_changes_are_settled(booking);
      END IF;
      IF (paid.amount + changed, paid.currency) IS DISTINCT FROM (booking.price_amount, booking.currency) THEN
        RAISE EXCEPTION 'booking % costs something else than it was paid', id_of_booking
          USING ERRCODE = 'check_violation';
      END IF;
      IF paid.customer_id <> booking.customer_id THEN
        RAISE EXCEPTION 'booking % was paid by another customer', id_of_booking USING ERRCODE = 'check_violation';
      END IF;
      -- Postings never change, so that only the booking can come to differ from them.
      IF booking.change_count = 0 THEN
        PERFORM 1 FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
          WHERE t.payment_id = paid.id AND t.kind = 'capture'
          HAVING coalesce(-sum(l.amount) FILTER (WHERE l.account = 'revenue:fares'), 0) = booking.base_amount
            AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'liability:taxes'), 0) = booking.taxes_amount
            AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'revenue:fees'), 0) = booking.fees_amount;
      ELSE
        PERFORM 1 FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
          WHERE t.booking_id = id_of_booking AND t.kind IN ('capture', 'change')
          HAVING coalesce(-sum(l.amount) FILTER (WHERE l.account = 'revenue:fares'), 0) = booking.base_amount
            AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'liability:taxes'), 0) = booking.taxes_amount
            AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'revenue:fees'), 0) = booking.fees_amount;
      END IF;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'booking % is not posted as it was sold', id_of_booking USING ERRCODE = 'check_violation';
      END IF;
    END $$;

    CREATE FUNCTION refuse_to_pay_for_no_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM changes
        WHERE (id, booking_id, status) = (NEW.change_id, NEW.booking_id, 'completed');
      IF NOT FOUND THEN
        RAISE EXCEPTION 'payment % pays for no change', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER payments_pay_for_changes AFTER INSERT OR UPDATE ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.applied AND NEW.change_id IS NOT NULL) EXECUTE FUNCTION refuse_to_pay_for_no_change();

    CREATE FUNCTION refund_settles_its_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_booking_is_paid(c.booking_id) FROM changes c WHERE c.id = NEW.change_id;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER refunds_settle_changes AFTER INSERT OR UPDATE ON refunds
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.change_id IS NOT NULL) EXECUTE FUNCTION refund_settles_its_change();

    CREATE OR REPLACE FUNCTION refuse_refund_above_capture() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM payments
        WHERE id = NEW.payment_id AND currency = NEW.currency
          AND amount >= (SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = NEW.payment_id)
          AND (status = 'captured' OR (NEW.status = 'needs_operator' AND status IN ('processing', 'authorized')));
      IF NOT FOUND THEN
        RAISE EXCEPTION 'refund % is not covered by a capture', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;

    CREATE OR REPLACE FUNCTION assert_refund_is_covered(id_of_payment uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.id = id_of_payment AND NOT (
          p.amount >= (SELECT sum(o.amount) FROM refunds o WHERE o.payment_id = id_of_payment)
          AND p.currency = r.currency
          AND (p.status = 'captured' OR (r.status = 'needs_operator' AND p.status IN ('processing', 'authorized'))));
      IF FOUND THEN
        RAISE EXCEPTION 'the refund of payment % is not covered by it', id_of_payment USING ERRCODE = 'check_violation';
      END IF;
    END $$;
  `);
  for (const [table, noted] of Object.entries(NOTED_FOR_AUDIT))
    await knex.raw(`
      DO $$ BEGIN
        EXECUTE format($trigger$
          CREATE TRIGGER ${table}_by_hand_are_audited AFTER INSERT OR UPDATE OR DELETE ON ${table}
            FOR EACH ROW WHEN (current_user = %L OR current_setting('is_superuser') = 'on')
            EXECUTE FUNCTION note_for_audit(${noted})$trigger$, current_user);
      END $$;
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_by_hand_are_audited;`);
}

/** What the auditor must check after a change of these by hand. */
const NOTED_FOR_AUDIT = { changes: `'booking', 'booking_id'` };

/** Only as long as there is no change. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER refunds_settle_changes ON refunds;
    DROP TRIGGER payments_pay_for_changes ON payments;
    CREATE OR REPLACE FUNCTION refuse_refund_above_capture() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM payments
        WHERE id = NEW.payment_id AND amount >= NEW.amount AND currency = NEW.currency
          AND (status = 'captured' OR (NEW.status = 'needs_operator' AND status IN ('processing', 'authorized')));
      IF NOT FOUND THEN
        RAISE EXCEPTION 'refund % is not covered by a capture', NEW.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION assert_refund_is_covered(id_of_payment uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.id = id_of_payment AND NOT (
          p.amount >= r.amount AND p.currency = r.currency
          AND (p.status = 'captured' OR (r.status = 'needs_operator' AND p.status IN ('processing', 'authorized'))));
      IF FOUND THEN
        RAISE EXCEPTION 'the refund of payment % is not covered by it', id_of_payment USING ERRCODE = 'check_violation';
      END IF;
    END $$;
    CREATE OR REPLACE FUNCTION assert_booking_is_paid(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      paid payments;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT * INTO paid FROM payments WHERE booking_id = id_of_booking AND applied;
      IF paid.id IS NULL THEN
        IF booking.status = 'booked' THEN
          RAISE EXCEPTION 'booking % is booked but not paid', id_of_booking USING ERRCODE = 'check_violation';
        END IF;
        RETURN;
      END IF;
      IF booking.status IN ('initiated', 'pending') THEN
        RAISE EXCEPTION 'booking % is paid but only %', id_of_booking, booking.status
          USING ERRCODE = 'check_violation';
      END IF;
      IF (paid.amount, paid.currency) IS DISTINCT FROM (booking.price_amount, booking.currency) THEN
        RAISE EXCEPTION 'booking % costs something else than it was paid', id_of_booking
          USING ERRCODE = 'check_violation';
      END IF;
      IF paid.customer_id <> booking.customer_id THEN
        RAISE EXCEPTION 'booking % was paid by another customer', id_of_booking USING ERRCODE = 'check_violation';
      END IF;
      -- Postings never change, so that only the booking can come to differ from them.
      PERFORM 1 FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = paid.id AND t.kind = 'capture'
        HAVING coalesce(-sum(l.amount) FILTER (WHERE l.account = 'revenue:fares'), 0) = booking.base_amount
          AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'liability:taxes'), 0) = booking.taxes_amount
          AND coalesce(-sum(l.amount) FILTER (WHERE l.account = 'revenue:fees'), 0) = booking.fees_amount;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'booking % is not posted as it was sold', id_of_booking USING ERRCODE = 'check_violation';
      END IF;
    END $$;
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
    DROP FUNCTION assert_changes_are_settled;
    DROP FUNCTION assert_change_has_its_seats, refund_settles_its_change;

    ALTER TABLE idempotency_outcomes
      DROP CONSTRAINT idempotency_outcomes_route_check,
      DROP CONSTRAINT idempotency_outcomes_kind,
      ADD CONSTRAINT idempotency_outcomes_route_check CHECK (route IN ('bookings', 'payments')),
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined'))) NOT VALID;

    DROP INDEX ledger_one_refund_per_payment;
    ALTER TABLE ledger_transactions
      DROP COLUMN change_id,
      DROP COLUMN refund_id,
      DROP CONSTRAINT ledger_transactions_kind_check,
      ADD CONSTRAINT ledger_transactions_kind_check CHECK (kind IN (
        'capture', 'cancellation', 'refund', 'refund_reversed',
        'provider_refund', 'provider_refund_reversed', 'dispute_withdrawn', 'dispute_reinstated'));
    CREATE UNIQUE INDEX ledger_one_refund_per_payment ON ledger_transactions (payment_id, round)
      WHERE kind = 'refund';

    DROP INDEX refunds_one_final, refunds_by_payment;
    ALTER TABLE refunds DROP COLUMN change_id, ADD UNIQUE (payment_id);

    DROP INDEX payments_one_applied;
    ALTER TABLE payments DROP COLUMN change_id;
    CREATE UNIQUE INDEX payments_one_applied ON payments (booking_id) WHERE applied;

    DROP TRIGGER bookings_count_their_changes ON bookings;
    ALTER TABLE bookings DROP COLUMN pending_change_id, DROP COLUMN change_count;
    DROP TABLE change_seats, change_segments, changes, change_quotes;
    DROP FUNCTION changes_and_bookings_agree, changes_are_counted, refuse_to_reopen_change, refuse_to_pay_for_no_change;
  `);
}
