import type { Knex } from 'knex';

/**
 * The rules of seats and money are checked after every change of what they read.
 *
 * The triggers fired on the columns that our code changes, so an update of a price alone was not
 * looked at. They now fire on any insert, update or delete; `WHEN` leaves out rows that no booking
 * owns and payments that pay for nothing, before anything is queued for the commit.
 *
 * `TRUNCATE` fires no row's trigger: it is an act of the owner of the tables, and nobody else may.
 */
export async function up(knex: Knex): Promise<void> {
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

    DROP TRIGGER bookings_own_their_seats ON bookings;
    CREATE CONSTRAINT TRIGGER bookings_own_their_seats AFTER INSERT OR UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_and_seats_agree();
    DROP TRIGGER seats_have_their_booking ON seats;
    CREATE CONSTRAINT TRIGGER seats_have_their_booking AFTER UPDATE ON seats
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (OLD.booking_id IS NOT NULL OR NEW.booking_id IS NOT NULL)
      EXECUTE FUNCTION bookings_and_seats_agree();
    CREATE CONSTRAINT TRIGGER new_seats_have_their_booking AFTER INSERT ON seats
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.booking_id IS NOT NULL) EXECUTE FUNCTION bookings_and_seats_agree();
    CREATE CONSTRAINT TRIGGER removed_seats_had_no_booking AFTER DELETE ON seats
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (OLD.booking_id IS NOT NULL) EXECUTE FUNCTION bookings_and_seats_agree();

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

    CREATE OR REPLACE FUNCTION bookings_are_paid() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'bookings' THEN
        PERFORM assert_booking_is_paid(NEW.id);
      ELSE
        PERFORM assert_booking_is_paid(paid_for)
          FROM unnest(ARRAY[OLD.booking_id, NEW.booking_id]) AS paid_for
          WHERE paid_for IS NOT NULL GROUP BY paid_for;
      END IF;
      RETURN NULL;
    END $$;

    DROP TRIGGER bookings_are_paid ON bookings;
    CREATE CONSTRAINT TRIGGER bookings_are_paid AFTER INSERT OR UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();
    DROP TRIGGER payments_pay_for_bookings ON payments;
    CREATE CONSTRAINT TRIGGER payments_pay_for_bookings AFTER UPDATE ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (OLD.applied OR NEW.applied) EXECUTE FUNCTION bookings_are_paid();
    CREATE CONSTRAINT TRIGGER new_payments_pay_for_bookings AFTER INSERT ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.applied) EXECUTE FUNCTION bookings_are_paid();
    CREATE CONSTRAINT TRIGGER removed_payments_paid_for_nothing AFTER DELETE ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (OLD.applied) EXECUTE FUNCTION bookings_are_paid();

    CREATE FUNCTION refuse_to_unapply() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'payment % pays for its booking for good', OLD.id USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER payments_stay_applied BEFORE UPDATE ON payments
      FOR EACH ROW WHEN (OLD.applied AND
        (OLD.id, OLD.booking_id, OLD.status, OLD.applied) IS DISTINCT FROM (NEW.id, NEW.booking_id, NEW.status, NEW.applied))
      EXECUTE FUNCTION refuse_to_unapply();

    DROP TRIGGER refunds_are_covered ON refunds;
    CREATE TRIGGER refunds_are_covered AFTER INSERT OR UPDATE ON refunds
      FOR EACH ROW EXECUTE FUNCTION refuse_refund_above_capture();

    CREATE FUNCTION assert_refund_is_covered(id_of_payment uuid) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE p.id = id_of_payment AND NOT (
          p.amount >= r.amount AND p.currency = r.currency
          AND (p.status = 'captured' OR (r.status = 'needs_operator' AND p.status IN ('processing', 'authorized'))));
      IF FOUND THEN
        RAISE EXCEPTION 'the refund of payment % is not covered by it', id_of_payment USING ERRCODE = 'check_violation';
      END IF;
    END $$;
    CREATE FUNCTION payments_cover_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_refund_is_covered(NEW.id);
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER payments_cover_their_refunds AFTER UPDATE ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_cover_refunds();

    CREATE FUNCTION captures_keep_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM payments p WHERE p.id = OLD.payment_id AND p.status = 'captured'
        AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment_id = p.id);
      IF FOUND THEN
        RAISE EXCEPTION 'refund % is of money that was captured', OLD.id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER captures_keep_their_refunds AFTER DELETE ON refunds
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION captures_keep_refunds();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER captures_keep_their_refunds ON refunds;
    DROP TRIGGER payments_cover_their_refunds ON payments;
    DROP TRIGGER payments_stay_applied ON payments;
    DROP FUNCTION captures_keep_refunds, payments_cover_refunds, assert_refund_is_covered, refuse_to_unapply;
    DROP TRIGGER refunds_are_covered ON refunds;
    CREATE TRIGGER refunds_are_covered AFTER INSERT OR UPDATE OF amount, currency, payment_id, status ON refunds
      FOR EACH ROW EXECUTE FUNCTION refuse_refund_above_capture();

    DROP TRIGGER removed_payments_paid_for_nothing ON payments;
    DROP TRIGGER new_payments_pay_for_bookings ON payments;
    DROP TRIGGER payments_pay_for_bookings ON payments;
    CREATE CONSTRAINT TRIGGER payments_pay_for_bookings AFTER INSERT OR UPDATE OF applied, amount ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();
    DROP TRIGGER bookings_are_paid ON bookings;
    CREATE CONSTRAINT TRIGGER bookings_are_paid AFTER INSERT OR UPDATE OF status ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();
    CREATE OR REPLACE FUNCTION bookings_are_paid() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM assert_booking_is_paid(CASE WHEN TG_TABLE_NAME = 'bookings'
        THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(NEW) ->> 'booking_id')::uuid END);
      RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION assert_booking_is_paid(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      booking bookings;
      paid bigint;
    BEGIN
      SELECT * INTO booking FROM bookings WHERE id = id_of_booking;
      SELECT amount INTO paid FROM payments
        WHERE booking_id = id_of_booking AND applied AND currency = booking.currency;
      IF booking.status = 'booked' AND paid IS DISTINCT FROM booking.price_amount THEN
        RAISE EXCEPTION 'booking % is booked but not paid', id_of_booking USING ERRCODE = 'check_violation';
      END IF;
      IF booking.status IN ('initiated', 'pending') AND paid IS NOT NULL THEN
        RAISE EXCEPTION 'booking % is paid but only %', id_of_booking, booking.status
          USING ERRCODE = 'check_violation';
      END IF;
    END $$;

    DROP TRIGGER removed_seats_had_no_booking ON seats;
    DROP TRIGGER new_seats_have_their_booking ON seats;
    DROP TRIGGER seats_have_their_booking ON seats;
    CREATE CONSTRAINT TRIGGER seats_have_their_booking AFTER UPDATE OF state, booking_id ON seats
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_and_seats_agree();
    DROP TRIGGER bookings_own_their_seats ON bookings;
    CREATE CONSTRAINT TRIGGER bookings_own_their_seats AFTER INSERT OR UPDATE OF status, seat_count ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_and_seats_agree();
    CREATE OR REPLACE FUNCTION assert_booking_owns_its_seats(id_of_booking uuid) RETURNS void LANGUAGE plpgsql AS $$
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
  `);
}
