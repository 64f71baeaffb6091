import { auditBooks } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import { connect, WAITS_OF_LOADS, type Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, deadlocksOf, type TestDatabase } from '../support/database';
import { adults, paymentFor, putFlightOnSale, requestOf } from '../support/flights';
import { itineraryRequest } from '../support/itineraries';
import { randomFrom } from '../support/random';
import { settleWithProvider, terms } from './inventory';

/**
 * Many claim seats of the same few flights at once, in any order, while others pay, cancel and let
 * go. There are never enough seats, so that many claims wait for others.
 */

const CLIENTS = 24;
const CLAIMS = 40;
const FLIGHTS = 5;
const SEATS = 9;

let database: TestDatabase;
let pool: Db;
let flightIds: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  // Activities try again when they wait too long; here it is to be seen that all waits end.
  const options = { applicationName: 'storm', maxConnections: CLIENTS, waits: WAITS_OF_LOADS };
  pool = connect(database.url, options);
  const flights = [];
  for (let each = 0; each < FLIGHTS; each += 1)
    flights.push(await putFlightOnSale(pool, { seats: SEATS }));
  flightIds = flights.map(({ id }) => id);
});

afterAll(async () => {
  await pool.destroy();
  await database.drop();
});

test('no two claims, sales or releases of mixed itineraries ever deadlock, and every seat has one owner', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) => customer(client)),
  );
  const counts = outcomes.flat();
  expect(await deadlocksOf(pool)).toBe(0);
  for (const outcome of ['refused', 'cancelled', 'let go'])
    expect(counts.filter((each) => each === outcome).length).toBeGreaterThan(CLIENTS);
  await settleWithProvider(pool);
  expect(await auditBooks(pool)).toEqual([]);
});

/** Claims, and does one thing or another with what it gets; never keeps it for long. */
async function customer(client: number): Promise<string[]> {
  const random = randomFrom(client + 1);
  const outcomes: string[] = [];
  for (let claim = 0; claim < CLAIMS; claim += 1) {
    const request = anyRequest(random);
    const { outcome } = await reserve(pool, request, terms());
    outcomes.push(outcome === 'held' ? await finish(request, random) : outcome);
  }
  return outcomes;
}

async function finish(request: BookingRequest, random: () => number): Promise<string> {
  const { bookingId, customerId } = request;
  const requestedAt = new Date();
  if (random() < 0.4) {
    const why = { reason: 'customer_request', actor: customerId, requestedAt } as const;
    await cancelUnpaidBooking(pool, request, why);
    return 'let go';
  }
  const { price_amount: amount } = (await pool('bookings').where({ id: bookingId }).first()) ?? {};
  const payment = paymentFor(request, { amount: amount ?? 0 });
  await startPayment(pool, payment, 'sandbox');
  await confirmWithCardPayment(pool, payment);
  const why = { asOperator: true, actor: 'operator-1', requestedAt, ourProviders: ['sandbox'] };
  await cancelBookedBooking(pool, bookingId, why);
  return 'cancelled';
}

/** One to four of the flights, in any order, for one to four people. */
function anyRequest(random: () => number): BookingRequest {
  const shuffled = flightIds
    .map((id) => ({ id, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ id }) => id);
  const chosen = shuffled.slice(0, 1 + Math.floor(random() * 4));
  const passengers = adults(1 + Math.floor(random() * 4));
  const [only = '', ...others] = chosen;
  if (others.length === 0) return requestOf({ id: only }, { passengers });
  return itineraryRequest(
    chosen.map((id) => ({ flightIds: [id] })),
    { passengers },
  );
}
