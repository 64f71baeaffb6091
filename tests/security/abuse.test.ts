import { randomUUID } from 'node:crypto';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import { recordDecline, startPayment } from '../../src/db/payments/card-payments';
import { MAX_DECLINES, MAX_DECLINES_PER_HOUR } from '../../src/domain/payment';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { terms } from '../db/inventory';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adults, paymentFor, putFlightOnSale, requestOf } from '../support/flights';

/**
 * What one account can do to others in a whole day, as hard as it tries, by the limits that are set
 * by default: the worst that is possible, in numbers.
 */

let database: TestDatabase;
let attacker: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  attacker = `attacker-${randomUUID()}`;
});

/** Holds as many seats as one request can, if the attacker may; undefined where not. */
async function tryToHold(flight: { id: string }): Promise<BookingRequest | undefined> {
  const request = requestOf(flight, { customerId: attacker, passengers: adults(9) });
  const { outcome } = await reserve(database.knex, request, terms());
  return outcome === 'held' ? request : undefined;
}

const letGo = (request: BookingRequest) =>
  cancelUnpaidBooking(database.knex, request, {
    reason: 'payment_expired',
    actor: attacker,
    requestedAt: new Date(),
  });

/** What the attacker did becomes so much older. */
async function pass(minutes: number): Promise<void> {
  for (const table of ['bookings', 'payments'])
    await database.knex.raw(
      `UPDATE ${table} SET created_at = created_at - make_interval(mins => ?) WHERE customer_id = ?`,
      [minutes, attacker],
    );
}

/** A day of quarters of an hour, which is how long a hold lasts. */
async function day(quarter: (number: number) => Promise<void>): Promise<void> {
  for (let number = 0; number < 96; number += 1) {
    await quarter(number);
    await pass(15);
  }
}

/** Claims until one is refused, then lets all of them go; returns how many were held. */
async function holdAll(flightAt: (number: number) => { id: string }): Promise<number> {
  const held: BookingRequest[] = [];
  for (;;) {
    const request = await tryToHold(flightAt(held.length));
    if (request === undefined) break;
    held.push(request);
  }
  for (const request of held) await letGo(request);
  return held.length;
}

test('a flight is kept off sale by one account for a quarter of an hour a day, and no longer', async () => {
  const flight = await putFlightOnSale(database.knex, { seats: 100 });
  const held: number[] = [];
  await day(async () => {
    held.push(await holdAll(() => flight));
  });
  // Ten may be open at once. Once three are let go of, the next is refused until a day has passed.
  expect(held).toEqual([10, ...Array<number>(95).fill(0)]);
});

test('all flights together are held for nothing twenty times a day by one account', async () => {
  const flights = await Promise.all(
    Array.from({ length: 10 }, () => putFlightOnSale(database.knex, { seats: 100 })),
  );
  let held = 0;
  await day(async () => {
    held += await holdAll((number) => flights[number % flights.length] ?? { id: '' });
  });
  expect(held).toBe(20);
});

test('stolen cards are tried two hundred times a day by one account, however it takes its time', async () => {
  // The best that an attacker can do: a flight that is new to it each half hour, and all declines
  // of a booking.
  let tried = 0;
  await day(async (number) => {
    if (number % 2 === 1) return;
    const request = await tryToHold(await putFlightOnSale(database.knex, { seats: 9 }));
    if (request === undefined) return;
    for (let card = 0; card < MAX_DECLINES; card += 1) {
      const payment = paymentFor(request);
      await startPayment(database.knex, payment, 'sandbox', MAX_DECLINES_PER_HOUR);
      await recordDecline(database.knex, payment, 'do_not_honor');
      tried += 1;
    }
    await letGo(request);
  });
  expect(tried).toBe(200);
});

test('who tries them faster is stopped by the hour', async () => {
  const flight = await putFlightOnSale(database.knex, { seats: 100 });
  const requests = [await tryToHold(flight), await tryToHold(flight), await tryToHold(flight)];
  let tried = 0;
  const tryAll = async () => {
    for (const request of requests)
      for (let card = 0; request !== undefined && card < MAX_DECLINES; card += 1) {
        const payment = paymentFor(request);
        await startPayment(database.knex, payment, 'sandbox', MAX_DECLINES_PER_HOUR);
        await recordDecline(database.knex, payment, 'do_not_honor');
        tried += 1;
      }
  };
  await expect(tryAll()).rejects.toMatchObject({ code: 'rate_limited' });
  expect(tried).toBe(MAX_DECLINES_PER_HOUR);
});
