import { code, database, type GuardedSection } from '../mutant';

/** What PostgreSQL refuses by itself, and what a key is bound to. */
export const RULES: Record<string, GuardedSection> = {
  database: {
    'one charge under way': [
      database('DROP INDEX payments_one_under_way', 'db/rules', 'two charges of one booking'),
    ],
    'one applied capture': [
      database(
        'DROP INDEX payments_one_applied',
        'db/rules',
        'two payments can’t be applied to one booking',
      ),
    ],
    'caller and key of a payment': [
      database(
        'ALTER TABLE payments DROP CONSTRAINT payments_customer_id_idempotency_key_key',
        'db/rules',
        'one key of one customer',
      ),
    ],
    'one capture in the ledger, which balances': [
      database(
        'DROP INDEX ledger_one_capture_per_payment',
        'db/rules',
        'refuses a second capture of one payment',
      ),
      database(
        'DROP TRIGGER ledger_transactions_balance ON ledger_transactions; DROP TRIGGER ledger_debits_balance ON ledger_postings',
        'db/rules',
        'the ledger refuses a set',
      ),
      database(
        'DROP TRIGGER ledger_credits_balance ON ledger_postings',
        'db/rules',
        'that come later, in the same transaction',
      ),
      database(
        'DROP TRIGGER ledger_postings_append_only ON ledger_postings',
        'db/rules',
        'ledger_postings',
      ),
    ],
    'bookings are paid; payments pay for bookings': [
      database(
        'DROP TRIGGER bookings_are_paid ON bookings',
        'db/rules',
        'a booking can’t be booked without its payment',
      ),
      database(
        'DROP TRIGGER payments_pay_for_bookings ON payments; DROP TRIGGER new_payments_pay_for_bookings ON payments',
        'db/rules',
        'a payment can’t be applied to a booking that stays pending',
      ),
    ],
    'bookings own their seats; seats have their booking': [
      database(
        'DROP TRIGGER bookings_own_their_seats ON bookings',
        'db/rules',
        'a cancelled booking can’t keep a seat',
      ),
      database(
        'DROP TRIGGER seats_have_their_booking ON seats',
        'db/rules',
        'a pending booking can’t lose a seat|a booking can’t take a seat beyond',
      ),
    ],
    'legal transitions': [
      database('DROP TRIGGER bookings_transition ON bookings', 'db/rules', 'a booking’s status'),
    ],
  },
  idempotency: {
    'outcomes of create, refusal, payment, decline bound with their cause': [
      code(
        'src/db/bookings/hold-statements.ts',
        ['WHERE $6::text IS NOT NULL', 'WHERE $6::text IS NULL'],
        'db/reservations',
        'binds its idempotency key to the booking',
      ),
      code(
        'src/db/bookings/refused-reservations.ts',
        ['if (key !== null) {', 'if (key === null) {'],
        'db/reservations',
        'a refusal, ',
      ),
      code(
        'src/db/payments/sale.ts',
        ['WHERE $11::text IS NOT NULL AND NOT is_reported', 'WHERE false'],
        'db/payments',
        'binds its key to the captured payment',
      ),
      code(
        'src/db/payments/card-payments.ts',
        [
          "    await bindPayment(trx, payment, {\n      kind: 'payment_declined',\n      body: { code: 'payment_declined', detail, declineCode },\n    });\n",
          '',
        ],
        'db/payments',
        'binds its key to the decline',
      ),
    ],
  },
};
