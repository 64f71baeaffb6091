import type { Db } from '../../src/db/connection';
import { recordAuthorization, recordVoid, startPayment } from '../../src/db/payments/card-payments';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale } from '../support/flights';
import { hold } from './inventory';

/**
 * Steps that were given up on, and run on all the same; and steps of others that take their time.
 */

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

test('an authorization that is noted too late does not bring back a payment that was given up', async () => {
  const booking = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = paymentFor(booking);
  await startPayment(db, payment, 'sandbox');
  await recordVoid(db, payment);
  const { paymentId } = payment;
  await recordAuthorization(db, { paymentId, providerPaymentId: 'late' });
  expect(await db('payments').where({ id: paymentId }).first()).toMatchObject({
    status: 'voided',
    provider_payment_id: null,
  });
});

test('a claim does not wait for parties that are still about their seats, while there are others', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  await db.transaction(async (rival) => {
    const theirs = ['1A', '1B', '1C'];
    await rival('seats').where({ flight_id: flight.id }).whereIn('seat_number', theirs).forUpdate();
    for (const _ of [1, 2, 3]) await hold(db, flight);
  });
  const taken = await db('seats').where({ flight_id: flight.id, state: 'held' });
  expect(taken.map((seat) => seat.seat_number).sort()).toEqual(['1D', '1E', '1F']);
});
