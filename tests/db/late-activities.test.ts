import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment, recordUnappliedCapture } from '../../src/db/payments/captures';
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

/** A payment whose money was taken by a charge that is being undone, or whose seats are being sold. */
async function takenMoney() {
  const booking = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = paymentFor(booking);
  await startPayment(db, payment, 'sandbox');
  const { paymentId, bookingId } = payment;
  const providerPaymentId = `spi-${paymentId}`;
  return {
    sell: () => confirmWithCardPayment(db, payment, providerPaymentId),
    undo: () =>
      recordUnappliedCapture(db, payment, {
        provider: 'sandbox',
        providerPaymentId,
        reason: 'given_up',
      }),
    outcome: async () => ({
      booking: (await db('bookings').where({ id: bookingId }).first('status'))?.status,
      refunds: await db('refunds').where({ payment_id: paymentId }).pluck('status'),
    }),
  };
}

const SOLD = { booking: 'booked', refunds: [] };
const UNDONE = { booking: 'pending', refunds: ['pending'] };

test('money that goes back sells no seats, however late its charge is confirmed', async () => {
  const { sell, undo, outcome } = await takenMoney();
  expect(await undo()).toBe('owed_back');
  await expect(sell()).rejects.toMatchObject({ code: 'booking_not_payable' });
  expect(await outcome()).toEqual(UNDONE);
});

test('money that has sold seats does not go back, however late its charge is undone', async () => {
  const { sell, undo, outcome } = await takenMoney();
  await sell();
  expect(await undo()).toBe('sold');
  expect(await outcome()).toEqual(SOLD);
});

test('of a sale and its undoing at the same moment, one happens, and both know which', async () => {
  for (let round = 0; round < 10; round++) {
    const { sell, undo, outcome } = await takenMoney();
    const [sale, undone] = await Promise.allSettled([sell(), undo()]);
    const isSold = sale.status === 'fulfilled';
    expect(undone).toEqual({ status: 'fulfilled', value: isSold ? 'sold' : 'owed_back' });
    expect(await outcome()).toEqual(isSold ? SOLD : UNDONE);
  }
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
