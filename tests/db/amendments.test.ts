import type { Booking } from '../../src/domain/booking';
import { auditBooks } from '../../src/db/audit/auditor';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { findOutcome } from '../../src/db/idempotency/outcome-view';
import { chooseSeats } from '../../src/db/passengers/choose-seats';
import { correctName } from '../../src/db/passengers/correct-name';
import { passengerIdOf } from '../../src/domain/passenger-id';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, putFlightOnSale, type FlightOnSale } from '../support/flights';
import { beginRival, untilWaiting } from '../support/rival';
import { hold, settleWithProvider } from './inventory';

/** A key is bound to an amendment in the database: nothing else remembers it for ever. */

let database: TestDatabase;
let flight: FlightOnSale;
let request: BookingRequest;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await settleWithProvider(database.knex);
  expect(await auditBooks(database.knex)).toEqual([]);
  await database.drop();
});

beforeEach(async () => {
  flight = await putFlightOnSale(database.knex, { seats: 6 });
  request = await hold(database.knex, flight, { passengers: [adult('1A')] });
});

/** What its caller's digest tells apart. */
const about = (of: BookingRequest, what: string, idempotencyKey?: string) => ({
  requestedBy: of.customerId,
  asOperator: false,
  fingerprint: `${of.bookingId} ${what}`,
  ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
});

function move(
  seatNumber: string,
  key?: string,
  { of = request, on = flight, db = database.knex } = {},
): Promise<Booking> {
  const passengerId = passengerIdOf(of.bookingId, 0);
  const seats = [{ passengerId, flightId: on.id, seatNumber }];
  return chooseSeats(db, of.bookingId, { ...about(of, seatNumber, key), seats }, new Date());
}

function rename(familyName: string, key?: string): Promise<Booking> {
  const passengerId = passengerIdOf(request.bookingId, 0);
  return correctName(
    database.knex,
    request.bookingId,
    { ...about(request, familyName, key), passengerId, familyName },
    new Date(),
  );
}

const present = () => readKnownBooking(database.knex, request.bookingId);

test.each<[string, typeof rename, [string, string]]>([
  ['a name is corrected', rename, ['Lovelase', 'Lovelece']],
  ['a seat is chosen', move, ['1C', '1D']],
])('what a key has done is not done again: %s', async (_, amend, [first, second]) => {
  const done = await amend(first, 'key');
  const since = await amend(second);
  expect(since).not.toEqual(done);
  expect(JSON.stringify(await amend(first, 'key'))).toBe(JSON.stringify(done));
  expect(await present()).toEqual(since);
  // Another key is another request.
  expect(await amend(first, 'another key')).toEqual(done);
});

test('a key that came with another request is refused, and changes nothing', async () => {
  const done = await move('1C', 'key');
  await expect(move('1D', 'key')).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  expect(await present()).toEqual(done);
});

test('a name and a seat may be asked for with one key: it belongs to its route', async () => {
  await rename('Lovelase', 'key');
  expect((await move('1C', 'key')).passengers).toMatchObject([
    { familyName: 'Lovelase', seatNumber: '1C' },
  ]);
});

test('a refusal binds no key', async () => {
  const rival = await hold(database.knex, flight, { passengers: [adult('1C')] });
  await expect(move('1C', 'key')).rejects.toMatchObject({ code: 'seats_unavailable' });
  await move('1D', undefined, { of: rival });
  expect((await move('1C', 'key')).passengers).toMatchObject([{ seatNumber: '1C' }]);
});

test('a key that comes for two bookings at once is bound to one, and the other stays as it is', async () => {
  // Of two flights: neither waits for the other's lock.
  const elsewhere = await putFlightOnSale(database.knex, { seats: 6 });
  const other = await hold(database.knex, elsewhere, {
    customerId: request.customerId,
    passengers: [adult('1A')],
  });
  const outcomes = await Promise.allSettled([
    move('1C', 'key'),
    move('1C', 'key', { of: other, on: elsewhere }),
  ]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const done = outcomes.find((outcome) => outcome.status === 'fulfilled')?.value;
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  expect(refused?.reason).toMatchObject({ code: 'idempotency_key_reused' });
  const bound = { callerId: request.customerId, route: 'seats', key: 'key' } as const;
  expect(await findOutcome(database.knex, bound)).toMatchObject({ body: done });
  const left = done?.id === request.bookingId ? other : request;
  expect((await readKnownBooking(database.knex, left.bookingId)).passengers).toMatchObject([
    { seatNumber: '1A' },
  ]);
});

test('a seat that someone else is taking is refused once they have it', async () => {
  const other = await hold(database.knex, flight, { passengers: [adult('1B')] });
  const rival = await beginRival(database.knex);
  await move('1F', undefined, { of: other, db: rival });
  const moving = Promise.allSettled([move('1F')]);
  await untilWaiting(database.knex);
  await rival.commit();
  expect(await moving).toMatchObject([{ reason: { code: 'seats_unavailable' } }]);
  expect((await readKnownBooking(database.knex, request.bookingId)).passengers).toMatchObject([
    { seatNumber: '1A' },
  ]);
});
