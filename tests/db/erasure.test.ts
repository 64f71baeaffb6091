import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { listBookings, readKnownBooking } from '../../src/db/bookings/booking-view';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import { findOutcome } from '../../src/db/idempotency/outcome-view';
import { correctName } from '../../src/db/passengers/correct-name';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { eraseAllRequested, eraseCustomer, eraseDeparted } from '../../src/db/personal-data/erase';
import { passengerIdOf } from '../../src/domain/passenger-id';
import { erasableBefore } from '../../src/domain/retention';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, paymentFor, putFlightOnSale, requestOf } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale } from '../support/itineraries';
import { findInTables } from '../support/planted-words';
import { settleWithProvider, terms } from './inventory';

/** What is personal goes some time after departure; what was sold and paid stays. */

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const DAY_MS = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

const PASSENGER = {
  givenName: 'Wilhelmina',
  familyName: 'Featherstonehaugh',
  type: 'adult',
  title: 'Viscountess',
  bornOn: '1947-11-23',
  loyaltyNumber: 'ZZ-90210',
} as const;
const PERSONAL = {
  passengers: [PASSENGER],
  contactEmail: 'w.f@privacy.example',
  contactPhone: '+12125550142',
  metadata: { nickname: 'Minnie' },
};
const WORDS = [
  ...['Wilhelmina', 'Featherston', 'Viscountess', '1947-11-23', 'ZZ-90210'],
  ...['w.f@privacy.example', '+12125550142', 'Minnie'],
];

/** A paid booking of everything that there is to know, of a flight that left so long ago. */
async function departed(
  days: number,
  details: Partial<BookingRequest> = {},
): Promise<BookingRequest> {
  const db = database.knex;
  const flight = await putFlightOnSale(db, { seats: 3 });
  const request = requestOf(flight, { ...PERSONAL, ...details });
  await reserve(db, request, terms());
  const payment = paymentFor(request);
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment);
  await correctName(
    db,
    request.bookingId,
    {
      requestedBy: request.customerId,
      asOperator: false,
      fingerprint: 'fingerprint',
      idempotencyKey: 'correction',
      passengerId: passengerIdOf(request.bookingId, 0),
      familyName: 'Featherstonhaugh',
    },
    new Date(),
  );
  await leave(flight.id, days);
  return request;
}

async function leave(flightId: string, days: number): Promise<void> {
  await database
    .knex('flights')
    .where({ id: flightId })
    .update({ departure_at: daysAgo(days), arrival_at: daysAgo(days - 0.5) });
}

function cancel(request: BookingRequest) {
  const requestedAt = new Date();
  const { customerId: actor } = request;
  const cancellation = { reason: 'customer_request', actor, requestedAt } as const;
  return cancelUnpaidBooking(database.knex, request, cancellation);
}

const erase = (customerId: string) =>
  eraseCustomer(database.knex, customerId, {
    requestedAt: new Date(),
    before: erasableBefore(new Date()),
  });

const outcomeOf = ({ customerId: callerId, idempotencyKey: key }: BookingRequest) =>
  findOutcome(database.knex, { callerId, route: 'bookings', key: key ?? '' });

test('of an erased customer no table has a word, the books stay, and every audit is clean', async () => {
  const db = database.knex;
  const request = await departed(8);
  expect(await findInTables(db, WORDS)).not.toEqual([]);
  const before = await readKnownBooking(db, request.bookingId);
  expect(await erase(request.customerId)).toEqual({ erased: 1, waiting: 0 });
  expect(await findInTables(db, WORDS)).toEqual([]);
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
  expect(await readKnownBooking(db, request.bookingId)).toEqual({
    ...before,
    passengers: [
      {
        ...before.passengers[0],
        givenName: null,
        familyName: '',
        title: null,
        bornOn: null,
        loyaltyNumber: null,
      },
    ],
    metadata: {},
  });
  expect(await db('erasure_requests')).toEqual([]);
});

test('the webhook endpoints of an erased customer go at once; those of others stay', async () => {
  const db = database.knex;
  const addressOf = (owner_id: string) => ({
    id: randomUUID(),
    owner_id,
    url: `https://${owner_id}.example/hook`,
    secret: 'sealed',
  });
  await db('webhook_endpoints').insert(['minnie', 'others'].map(addressOf));
  await erase('minnie');
  expect(await db('webhook_endpoints').pluck('owner_id')).toEqual(['others']);
});

test('a key whose outcome showed names is bound to its erasure from then on', async () => {
  const request = await departed(8);
  const correction = {
    callerId: request.customerId,
    route: 'passengers',
    key: 'correction',
  } as const;
  const outcomes = async () => [
    await outcomeOf(request),
    await findOutcome(database.knex, correction),
  ];
  expect(await outcomes()).toMatchObject([
    { kind: 'booking_created' },
    { kind: 'booking_amended' },
  ]);
  await erase(request.customerId);
  const erased = { kind: 'erased', fingerprint: '', body: null };
  expect(await outcomes()).toEqual([erased, erased]);
});

test('within seven days of departure nothing is erased; the daily run does it then, and ends the request', async () => {
  const db = database.knex;
  const customerId = 'wilhelmina';
  await departed(8, { customerId });
  const request = await departed(6, { customerId });
  expect(await erase(customerId)).toEqual({ erased: 1, waiting: 1 });
  expect(await outcomeOf(request)).toMatchObject({ kind: 'booking_created' });
  expect(await db('erasure_requests')).toHaveLength(1);
  expect(await eraseAllRequested(db, { before: erasableBefore(new Date()) })).toBe(0);
  const tomorrow = new Date(Date.now() + DAY_MS);
  expect(await eraseAllRequested(db, { before: erasableBefore(tomorrow) })).toBe(1);
  expect(await findInTables(db, WORDS)).toEqual([]);
  expect(await db('erasure_requests')).toEqual([]);
});

test('others keep their data, and so do bookings that the customer makes afterwards', async () => {
  const db = database.knex;
  const customerId = 'wilhelmina';
  await departed(6, { customerId });
  const other = await departed(8);
  await erase(customerId);
  const later = await departed(8, { customerId });
  const nextYear = new Date(Date.now() + 365 * DAY_MS);
  expect(await eraseAllRequested(db, { before: erasableBefore(nextYear) })).toBe(1);
  for (const { bookingId } of [other, later])
    expect((await readKnownBooking(db, bookingId)).metadata).toEqual(PERSONAL.metadata);
});

test('an itinerary is erased by its last flight', async () => {
  const db = database.knex;
  const trip = await putRoundTripOnSale(db);
  const request = itineraryRequest(trip.slices, PERSONAL);
  await reserve(db, request, terms());
  await cancel(request);
  const [first = '', second = '', third = '', last = ''] = trip.flightIds;
  for (const flight of [first, second, third]) await leave(flight, 30);
  const before = erasableBefore(new Date());
  expect(await eraseDeparted(db, { before })).toBe(0);
  await leave(last, 8);
  expect(await eraseDeparted(db, { before })).toBe(1);
});

test('by age everything that departed is erased, by the worker, in batches, and once', async () => {
  const db = database.knex;
  const flight = await putFlightOnSale(db, { seats: 250 });
  for (let party = 0; party < 125; party += 1) {
    const request = requestOf(flight, { passengers: [PASSENGER, adult()] });
    await reserve(db, request, terms());
    await cancel(request);
  }
  await leave(flight.id, 31);
  const worker = database.as('worker');
  const erasing = (batches: number[]) => ({
    before: erasableBefore(new Date(), 30),
    afterBatch: (elapsedMs: number) => {
      batches.push(elapsedMs);
      return Promise.resolve();
    },
  });
  const batches: number[] = [];
  const both = [eraseDeparted(worker, erasing(batches)), eraseDeparted(worker, erasing(batches))];
  const [one = 0, other = 0] = await Promise.all(both);
  expect(one + other).toBe(125);
  expect(batches.length).toBeGreaterThanOrEqual(2);
  expect(await eraseDeparted(worker, erasing([]))).toBe(0);
  expect(await findInTables(db, WORDS)).toEqual([]);
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
});

test('an unpaid hold is left to those who end it', async () => {
  const db = database.knex;
  const flight = await putFlightOnSale(db, { seats: 1 });
  await reserve(db, requestOf(flight, { ...PERSONAL, passengers: [adult()] }), terms());
  await leave(flight.id, 31);
  expect(await eraseDeparted(db, { before: erasableBefore(new Date()) })).toBe(0);
});

test('an erased booking is found by its reference, and not by what it no longer has', async () => {
  const db = database.knex;
  const request = await departed(8);
  const { reference } = await readKnownBooking(db, request.bookingId);
  const search = (criteria: object) =>
    listBookings(db, { customerId: null, limit: 10, ...criteria });
  const { flightId } = request;
  expect(await search({ familyName: 'featherstonhaugh' })).toHaveLength(1);
  expect(await search({ flightId })).toHaveLength(1);
  await erase(request.customerId);
  expect(await search({ familyName: 'featherstonhaugh' })).toEqual([]);
  expect(await search({ contactEmail: PERSONAL.contactEmail })).toEqual([]);
  expect(await search({ flightId })).toEqual([]);
  expect(await search({ reference })).toHaveLength(1);
});
