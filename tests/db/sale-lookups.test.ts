import { connect, type Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { createTestDatabase, processUrls, type TestDatabase } from '../support/database';
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
  // PostgreSQL counts what a connection has read when that is closed.
  const others = connect(database.url, { applicationName: 'test', maxConnections: 1 });
  const flight = await putFlightOnSale(others, { seats: 3 * OTHERS });
  await others.raw('VACUUM ANALYZE');
  for (let other = 0; other < OTHERS; other += 1) {
    await hold(others, flight);
    await sell(others, flight);
  }
  const request = await hold(others, flight);
  await others.destroy();
  const payment = paymentFor(request);
  const before = await readsOf(db);
  // Nothing is planned yet on this connection. The tables of a test are small enough to be read as a
  // whole: which of their indexes would be read?
  const seller = connect(processUrls(new URL(database.url).pathname.slice(1)).worker, {
    applicationName: 'test',
    maxConnections: 1,
  });
  await seller.raw('SET enable_seqscan = off');
  await startPayment(seller, payment, 'sandbox');
  await confirmWithCardPayment(seller, payment);
  await seller.destroy();
  const after = await readsOf(db);
  const read = [...after].flatMap(([name, entries]) => {
    const more = entries - (before.get(name) ?? 0);
    return more === 0 ? [] : [{ name, entries: more }];
  });
  // The triggers of a sale look the same rows up some times more.
  expect(read.filter(({ entries }) => entries > OTHERS / 3)).toEqual([]);
  expect(read.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['seats_by_booking', 'payments_pkey']),
  );
});

/** How many entries were read of each index, on connections that are closed. */
async function readsOf(db: Db): Promise<Map<string, number>> {
  const { rows } = await db.raw<{ rows: { name: string; entries: string }[] }>(
    `SELECT indexrelname AS name, idx_tup_read AS entries FROM pg_stat_user_indexes
     WHERE schemaname = 'public'`,
  );
  return new Map(rows.map(({ name, entries }) => [name, Number(entries)]));
}
