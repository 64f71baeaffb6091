import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale } from '../support/flights';
import { hold, sell } from './inventory';

/** What a sale reads, when the statistics are from before the bookings that are open now. */

let database: TestDatabase;
let db: Db;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterEach(() => database.drop());

const OTHERS = 60;

test('a sale looks its booking and its seats up by their keys, however many others hold or have bought', async () => {
  const flight = await putFlightOnSale(db, { seats: 3 * OTHERS });
  await db.raw('VACUUM ANALYZE');
  for (let other = 0; other < OTHERS; other += 1) {
    await hold(db, flight);
    await sell(db, flight);
  }
  const request = await hold(db, flight);
  const payment = paymentFor(request);
  // Nothing is planned yet on these connections. The tables of a test are small enough to be read
  // as a whole: which of their indexes would be read?
  const read = await database.as('worker').transaction(async (trx) => {
    await trx.raw('SET LOCAL enable_seqscan = off');
    await startPayment(trx, payment, 'sandbox');
    await confirmWithCardPayment(trx, payment);
    const { rows } = await trx.raw<{ rows: { name: string; entries: number }[] }>(
      `SELECT relname AS name, pg_stat_get_xact_tuples_returned(oid) AS entries FROM pg_class
       WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace
         AND pg_stat_get_xact_tuples_returned(oid) > 0`,
    );
    return rows;
  });
  // The triggers of a sale look the same rows up some times more.
  expect(read.filter(({ entries }) => entries > OTHERS / 3)).toEqual([]);
  expect(read.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['seats_by_booking', 'payments_pkey']),
  );
});
