import { code, database, type GuardedSection } from '../mutant';

/** What keeps the books, whoever writes them. */
export const BOOKS: GuardedSection = {
  'rules are checked after any change': [
    database(
      'DROP TRIGGER payments_cover_their_refunds ON payments',
      'db/every-change',
      'a payment can’t be lowered below what goes back',
    ),
    database(
      'DROP TRIGGER captures_keep_their_refunds ON refunds',
      'db/every-change',
      'a payment can’t be lowered below what goes back',
    ),
    database(
      'DROP TRIGGER payments_stay_applied ON payments',
      'db/every-change',
      'a payment can’t be moved|what a booking was sold for stays',
    ),
    database(
      'DROP TRIGGER removed_seats_had_no_booking ON seats',
      'db/every-change',
      'a sold seat can’t be added to a booking, nor one of its seats be removed',
    ),
    database(
      'DROP TRIGGER new_seats_have_their_booking ON seats',
      'db/every-change',
      'a sold seat can’t be added to a booking',
    ),
  ],
  'roles may write what is listed': [
    database(
      'GRANT UPDATE, DELETE ON ledger_postings TO flight_bookings_worker',
      'db/access',
      'a worker changes nothing that was written for good',
    ),
    database(
      'GRANT UPDATE ON bookings TO flight_bookings_api',
      'db/access',
      'the API writes no booking',
    ),
  ],
  'parts and items of reconciliation fail one by one': [
    code(
      'src/activities/items.ts',
      ['if (isDatabaseAway(error) || isTemporalAway(error)) throw error;', 'throw error;'],
      'reconciliation/parts',
      'is named',
    ),
  ],
  'money that goes back sells no seats, and money that has sold seats stays': [
    code(
      'src/db/payments/sale.ts',
      ["       AND (status IN ('processing', 'authorized') OR customer_id IS NULL)\n", ''],
      'db/late-activities',
      'money that goes back sells no seats',
    ),
    code(
      'src/db/payments/captures.ts',
      [
        "earlier?.applied === true ? 'sold' : 'owed_back'",
        "earlier === undefined ? 'sold' : 'owed_back'",
      ],
      'db/late-activities',
      'money that has sold seats|of a sale and its undoing',
    ),
  ],
  'a card payment by one activity that fails goes on step by step': [
    code(
      'src/workflows/booking/card-payment.ts',
      [
        "    log.warn('A card payment goes on step by step', { failure: String(failure) });\n    return undefined;",
        '    throw failure;',
      ],
      'workflows/card-payment',
      'pm_sandbox_timeout',
    ),
  ],
  'a batch of statements is all or nothing, also at commit': [
    code(
      'src/db/batch.ts',
      [
        'part.submit(part === this.parts.at(-1) ? connection : withoutSync)',
        'part.submit(connection)',
      ],
      'db/transactions',
      'take no effect when',
    ),
  ],
  'a statement of a batch sees what was committed while an earlier one waited': [
    code(
      'src/db/connection.ts',
      [
        'const options = [',
        "const options = [\n    '-c default_transaction_isolation=repeatable\\\\ read',",
      ],
      'db/transactions',
      'see what was committed while',
    ),
  ],
  'a transaction whose failure was hidden is not reported as committed': [
    code(
      'src/db/transaction.ts',
      ["if (command !== 'COMMIT') throw", "if (command === 'never') throw"],
      'db/transactions',
      'leaves nothing when its work hides a failure',
    ),
  ],
  'a lost connection is dropped by the pool': [
    code(
      'src/db/connection.ts',
      ["if (error.severity === 'FATAL') pooled.__knex__disposed = error;", ''],
      'db/connection',
      'a query right after one whose connection was cut',
    ),
  ],
  'postings are looked at after whatever is added last': [
    database(
      'DROP TRIGGER ledger_credits_balance ON ledger_postings',
      'db/rules',
      'the ledger refuses',
    ),
    database(
      'DROP TRIGGER ledger_debits_balance ON ledger_postings; DROP TRIGGER ledger_transactions_balance ON ledger_transactions',
      'db/rules',
      'the ledger refuses',
    ),
  ],
  'a sale finds booking and seats by their keys, however old the statistics are': [
    code(
      'src/db/bookings/is-pending.ts',
      ["`${bookings}.status || '' = 'pending'`", "`${bookings}.status = 'pending'`"],
      'db/sale-lookups',
    ),
  ],
  'archived seats count in capacity, map and flight': [
    code(
      'src/db/seats/seat-map-view.ts',
      ['FROM unsold_seats CROSS JOIN', 'FROM (SELECT * FROM unsold_seats LIMIT 0) none CROSS JOIN'],
      'flight-schedule/unsold-seats',
      'whatever was sold, map',
    ),
  ],
  'a worker deletes no seat on sale, and none that it does not archive': [
    database(
      'DROP TRIGGER removed_seats_are_archived ON seats',
      'flight-schedule/unsold-seats',
      'a worker can remove no seat',
    ),
  ],
};
