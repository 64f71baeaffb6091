import type { Knex } from 'knex';

/**
 * What is checked at commit is checked less often, and no rule is given up: a sale ran ten checks.
 *
 * - A new booking that is not booked can't be paid yet: its payments come after it, and each payment
 *   that pays for a booking is checked. So it is looked at only if it comes as booked.
 * - A refund stays covered by its payment when that is captured, or changed in what no refund
 *   depends on.
 * - A balanced set of postings has a debit and a credit. So its debits alone are looked at, at
 *   commit, when credits may have followed; and credits that come without a debit must leave their
 *   set balanced at once. Whatever is added last, the set is looked at after it.
 * - A seat's change looks at its booking without a query to find out which.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER bookings_are_paid ON bookings;
    CREATE CONSTRAINT TRIGGER bookings_are_paid AFTER UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();
    CREATE CONSTRAINT TRIGGER new_bookings_are_paid AFTER INSERT ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.status = 'booked') EXECUTE FUNCTION bookings_are_paid();

    DROP TRIGGER payments_cover_their_refunds ON payments;
    CREATE CONSTRAINT TRIGGER payments_cover_their_refunds AFTER UPDATE ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.status <> 'captured'
        OR (OLD.id, OLD.amount, OLD.currency) IS DISTINCT FROM (NEW.id, NEW.amount, NEW.currency))
      EXECUTE FUNCTION payments_cover_refunds();

    DROP TRIGGER ledger_postings_balance ON ledger_postings;
    CREATE CONSTRAINT TRIGGER ledger_debits_balance AFTER INSERT ON ledger_postings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.amount > 0) EXECUTE FUNCTION ledger_balances();
    CREATE FUNCTION credits_balance() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      unbalanced uuid;
    BEGIN
      SELECT p.transaction_id INTO unbalanced FROM ledger_postings p
        WHERE p.transaction_id IN (
          SELECT a.transaction_id FROM added a GROUP BY a.transaction_id HAVING max(a.amount) < 0)
        GROUP BY p.transaction_id
        HAVING sum(p.amount) <> 0 OR count(DISTINCT p.currency) <> 1 LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION 'ledger transaction % does not balance', unbalanced USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER ledger_credits_balance AFTER INSERT ON ledger_postings
      REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION credits_balance();

    CREATE OR REPLACE FUNCTION bookings_and_seats_agree() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_TABLE_NAME = 'bookings' THEN
        PERFORM assert_booking_owns_its_seats(NEW.id);
        RETURN NULL;
      END IF;
      IF NEW.booking_id IS NOT NULL THEN
        PERFORM assert_booking_owns_its_seats(NEW.booking_id);
      END IF;
      IF OLD.booking_id IS NOT NULL AND OLD.booking_id IS DISTINCT FROM NEW.booking_id THEN
        PERFORM assert_booking_owns_its_seats(OLD.booking_id);
      END IF;
      RETURN NULL;
    END $$;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE OR REPLACE FUNCTION bookings_and_seats_agree() RETURNS trigger LANGUAGE plpgsql AS $$
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

    DROP TRIGGER ledger_credits_balance ON ledger_postings;
    DROP FUNCTION credits_balance;
    DROP TRIGGER ledger_debits_balance ON ledger_postings;
    CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balances();

    DROP TRIGGER payments_cover_their_refunds ON payments;
    CREATE CONSTRAINT TRIGGER payments_cover_their_refunds AFTER UPDATE ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_cover_refunds();

    DROP TRIGGER new_bookings_are_paid ON bookings;
    DROP TRIGGER bookings_are_paid ON bookings;
    CREATE CONSTRAINT TRIGGER bookings_are_paid AFTER INSERT OR UPDATE ON bookings
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bookings_are_paid();
  `);
}
