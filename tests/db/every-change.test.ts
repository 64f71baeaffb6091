import type { Knex } from 'knex';
import { auditBooks } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { hold, sell } from './inventory';

/** Of the rules: a constraint, a foreign key, uniqueness, what may never change. */
const REFUSED = /^23/;

let database: TestDatabase;
let db: Db;
let flight: FlightOnSale;
let other: FlightOnSale;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  flight = await putFlightOnSale(db, { seats: 60 });
  other = await putFlightOnSale(db, { seats: 60 });
  // A second cabin, so that a booking and a seat could be moved to it.
  await db.raw(
    `INSERT INTO flight_cabins SELECT flight_id, 'first', 6, base_amount, taxes_amount, fees_amount,
       cancellation_fee_amount, currency, refundable FROM flight_cabins`,
  );
  await db.raw(
    `INSERT INTO seats (flight_id, seat_number, row_number, cabin)
     SELECT f.id, '90' || letter, 90, 'first'
     FROM flights f, unnest(ARRAY['A', 'B', 'C', 'D', 'E', 'F']) AS letter`,
  );
});

afterAll(() => database.drop());

describe('no rule at commit looks at some of the changes only', () => {
  test('each fires on whatever column is updated', async () => {
    const { rows } = await db.raw<{ rows: { name: string; columns: string }[] }>(
      `SELECT tgname AS name, tgattr::text AS columns FROM pg_trigger
       WHERE NOT tgisinternal AND tgconstraint <> 0`,
    );
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.filter(({ columns }) => columns !== '')).toEqual([]);
  });

  test.each(['bookings', 'payments', 'seats'])(
    '%s are looked at when rows come, change and go',
    async (table) => {
      const { rows } = await db.raw<{
        rows: { comes: boolean; changes: boolean; goes: boolean }[];
      }>(
        `SELECT bool_or(tgtype & 4 > 0) AS comes, bool_or(tgtype & 16 > 0) AS changes,
           bool_or(tgtype & 8 > 0) OR EXISTS (
             SELECT FROM pg_constraint WHERE confrelid = CAST(:table AS regclass) AND contype = 'f') AS goes
         FROM pg_trigger
         WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal AND tgconstraint <> 0`,
        { table },
      );
      expect(rows).toEqual([{ comes: true, changes: true, goes: true }]);
    },
  );
});

describe.each(['pending', 'booked', 'cancelled'] as const)('a %s booking', (status) => {
  test.each(['bookings', 'payments', 'seats', 'ledger_transactions', 'ledger_postings'])(
    'changed in any one column of %s, it is refused or all books still agree',
    async (table) => {
      const bookingId = await bookingThatIs(status);
      for (const { column, values } of await waysToChange(table)) {
        for (const value of values) {
          const { refusal, broken } = await tryUpdate(bookingId, { table, column, value });
          expect({ column, value, refusal, broken }).toEqual({
            column,
            value,
            refusal,
            broken: [],
          });
        }
      }
    },
  );

  test.each(['bookings', 'payments', 'seats', 'refunds', 'ledger_transactions', 'ledger_postings'])(
    'its rows in %s can’t vanish while something rests on them',
    async (table) => {
      const bookingId = await bookingThatIs(status);
      const trx = await db.transaction();
      const rows = (await ownRows(trx, bookingId, table)).length;
      const { refusal } = await attempt(trx, () =>
        trx.raw(`DELETE FROM ${table} WHERE ${OWN[table] ?? ''}`, { bookingId }),
      );
      expect(refusal).toMatch(rows === 0 ? /^none$/ : REFUSED);
    },
  );
});

describe('what a booking was sold for stays', () => {
  test.each([
    ['a dearer fare', { base_amount: 10_001, price_amount: 12_001 }],
    ['dearer taxes', { taxes_amount: 1_501, price_amount: 12_001 }],
    ['dearer fees', { fees_amount: 501, price_amount: 12_001 }],
    ['a cheaper fare', { base_amount: 9_999, price_amount: 11_999 }],
    ['more fare and less tax', { base_amount: 10_001, taxes_amount: 1_499 }],
    ['another currency', { currency: 'EUR' }],
    ['another customer', { customer_id: 'somebody-else' }],
    ['another cabin', { cabin: 'first' }],
    ['more seats', { seat_count: 2 }],
  ])('%s is refused', async (_what, change) => {
    for (const status of ['booked', 'cancelled'] as const) {
      if (status === 'cancelled' && ('cabin' in change || 'seat_count' in change)) continue;
      const bookingId = await bookingThatIs(status);
      await expect(
        db.transaction((trx) => trx('bookings').where({ id: bookingId }).update(change)),
      ).rejects.toMatchObject({ code: '23514' });
    }
  });

  test('a payment can’t be moved to another booking, by either end', async () => {
    const { payment } = await sell(db, flight);
    const { bookingId } = await hold(db, flight);
    await expect(
      db.transaction((trx) =>
        trx('payments').where({ id: payment.paymentId }).update({ booking_id: bookingId }),
      ),
    ).rejects.toMatchObject({ code: '23001' });
  });

  test('a payment can’t be lowered below what goes back of it, nor its refund be deleted', async () => {
    const bookingId = await bookingThatIs('cancelled');
    const [payment] = await db('payments').where({ booking_id: bookingId });
    const id = payment?.id ?? '';
    await expect(
      db.transaction((trx) => trx('payments').where({ id }).update({ amount: 1 })),
    ).rejects.toMatchObject({
      code: '23514',
      message: expect.stringMatching(/is not covered by it/) as string,
    });
    await expect(
      db.transaction((trx) => trx('refunds').where({ payment_id: id }).delete()),
    ).rejects.toMatchObject({ code: '23514' });
  });

  test('a sold seat can’t be added to a booking, nor one of its seats be removed', async () => {
    const bookingId = await bookingThatIs('booked');
    const [booking] = await db('bookings').where({ id: bookingId });
    const seat = { flight_id: booking?.flight_id ?? '', cabin: 'economy', row_number: 80 };
    await expect(
      db.transaction((trx) =>
        trx('seats').insert({ ...seat, seat_number: '80A', state: 'sold', booking_id: bookingId }),
      ),
    ).rejects.toMatchObject({ code: '23514' });
    await expect(
      db.transaction((trx) => trx('seats').where({ booking_id: bookingId }).delete()),
    ).rejects.toMatchObject({ code: '23514' });
  });
});

/** Which rows of a table are a booking's. */
const OWN: Record<string, string> = {
  bookings: 'id = :bookingId',
  payments: 'booking_id = :bookingId',
  seats: 'booking_id = :bookingId',
  refunds: 'payment_id IN (SELECT id FROM payments WHERE booking_id = :bookingId)',
  ledger_transactions: 'booking_id = :bookingId',
  ledger_postings:
    'transaction_id IN (SELECT id FROM ledger_transactions WHERE booking_id = :bookingId)',
};

async function ownRows(trx: Knex, bookingId: string, table: string): Promise<unknown[]> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    `SELECT * FROM ${table} WHERE ${OWN[table] ?? ''}`,
    { bookingId },
  );
  return rows;
}

/** A booking of the status, with its sale, its refund and its postings if it has come so far. */
async function bookingThatIs(status: 'pending' | 'booked' | 'cancelled'): Promise<string> {
  if (status === 'pending') return (await hold(db, flight)).bookingId;
  const { bookingId } = (await sell(db, flight)).request;
  if (status === 'cancelled') {
    await cancelBookedBooking(db, bookingId, {
      asOperator: true,
      actor: 'operator-1',
      requestedAt: new Date(),
      ourProviders: ['sandbox'],
    });
  }
  return bookingId;
}

/**
 * Every column that the table has, with an expression for each way in which it could come to
 * differ.
 */
async function waysToChange(table: string): Promise<{ column: string; values: string[] }[]> {
  const { rows } = await db.raw<{ rows: { column: string; type: string }[] }>(
    `SELECT column_name AS "column", data_type AS type FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = ? AND is_generated = 'NEVER'`,
    [table],
  );
  return rows.map(({ column, type }) => ({ column, values: waysToDiffer(column, type) }));
}

const STATES: Record<string, string[]> = {
  status: ['initiated', 'pending', 'booked', 'cancelled', 'processing', 'captured', 'voided'],
  state: ['free', 'held', 'sold'],
  cabin: ['first'],
  currency: ['EUR'],
  kind: ['refund', 'cancellation'],
};

function waysToDiffer(column: string, type: string): string[] {
  const states = STATES[column];
  if (states !== undefined) return states.map((state) => `'${state}'`);
  switch (type) {
    case 'uuid':
      return ['gen_random_uuid()', 'NULL', ...(column === 'flight_id' ? [`'${other.id}'`] : [])];
    case 'bigint':
    case 'smallint':
    case 'integer':
      return [`${column} + 1`, `${column} - 1`];
    case 'jsonb':
      return [`coalesce(${column}, '{}') || '{"x": "x"}'`, 'NULL'];
    case 'boolean':
      return [`NOT ${column}`];
    case 'timestamp with time zone':
      return [`coalesce(${column}, now()) + interval '1 day'`, 'NULL'];
    default:
      return [`coalesce(${column}::text, '') || 'x'`, 'NULL'];
  }
}

/** Rules between our books and an outsider's, and what the test leaves out: who paid with whom. */
const BETWEEN_TWO_BOOKS = /sandbox provider|answered with success|within two seconds|history/;

async function tryUpdate(
  bookingId: string,
  { table, column, value }: { table: string; column: string; value: string },
): Promise<{ refusal: string; broken: string[] }> {
  const trx = await db.transaction();
  return attempt(trx, () =>
    trx.raw(`UPDATE ${table} SET ${column} = ${value} WHERE ${OWN[table] ?? ''}`, { bookingId }),
  );
}

/** Tries it up to the moment of commit, asks the auditor what it would break, and takes it back. */
async function attempt(
  trx: Knex.Transaction,
  change: () => Promise<unknown>,
): Promise<{ refusal: string; broken: string[] }> {
  try {
    await change();
    await trx.raw('SET CONSTRAINTS ALL IMMEDIATE');
    const broken = await brokenRules(trx);
    return { refusal: 'none', broken };
  } catch (error) {
    const code = (error as { code?: string }).code ?? String(error);
    if (!/^2[23]/.test(code)) throw error;
    return { refusal: code, broken: [] };
  } finally {
    await trx.rollback();
  }
}

async function brokenRules(trx: Knex.Transaction): Promise<string[]> {
  const violations = await auditBooks(trx);
  return violations
    .map(({ invariant }) => invariant)
    .filter((invariant) => !BETWEEN_TWO_BOOKS.test(invariant));
}
