import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { readBeforeCreation } from '../../src/db/bookings/creation-view';
import { reserve } from '../../src/db/bookings/reservations';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { readBeforePayment } from '../../src/db/payments/payment-request-view';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale, requestOf } from '../support/flights';
import { terms } from './inventory';

/**
 * What a sale costs PostgreSQL, in statements and round trips: each is work for two processes.
 * These are numbers to be proud of, not to be raised in passing.
 */
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/**
 * The round trips of `work`, each with the statements that it sends: those that are prepared by
 * their name, others by their text.
 */
async function roundTripsOf(work: () => Promise<unknown>): Promise<string[][]> {
  const query = jest.spyOn(Client.prototype, 'query');
  try {
    await work();
    return query.mock.calls.map(([sent]: unknown[]) =>
      typeof sent === 'string'
        ? [sent]
        : (sent as { calls: { name: string }[] }).calls.map(({ name }) => name),
    );
  } finally {
    query.mockRestore();
  }
}

test('a paid booking is thirteen statements in nine round trips, two of them commits, and all others prepared', async () => {
  const db = database.knex;
  const request = requestOf(await putFlightOnSale(db, { seats: 20 }), {
    idempotencyKey: randomUUID(),
  });
  const payment = paymentFor(request);
  const { flightId, cabin, customerId: callerId } = request;
  const flightIds = [flightId];
  const { paymentId, bookingId, idempotencyKey: key } = payment;
  // A connection of the pool is opened by a few statements of its own.
  await db.raw('SELECT 1');

  const seatNumbers: string[] = [];
  const asked = { callerId, key: request.idempotencyKey, flightIds, cabin, seatNumbers };
  expect(await roundTripsOf(() => readBeforeCreation(db, asked))).toEqual([
    ['read_before_creation'],
  ]);
  expect(await roundTripsOf(() => reserve(db, request, terms()))).toEqual([
    ['begin', 'lock_claim', 'read_before_reservation'],
    ['hold_seats'],
    ['COMMIT'],
  ]);
  const wanted = { callerId, key, paymentId, bookingId };
  expect(await roundTripsOf(() => readBeforePayment(db, wanted))).toEqual([
    ['read_before_payment'],
  ]);
  expect(await roundTripsOf(() => startPayment(db, payment, 'sandbox'))).toEqual([
    ['lock_customer', 'start_payment'],
  ]);
  expect(await roundTripsOf(() => confirmWithCardPayment(db, payment, 'spi_1'))).toEqual([
    ['begin', 'read_started_payment'],
    ['sell_seats'],
    ['COMMIT'],
  ]);
});
