import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, requestOf, seatsByState } from '../support/flights';
import { hold, terms } from './inventory';

const FAILED = { reason: 'reservation_failed', actor: 'system', requestedAt: new Date() } as const;

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

test('a claim that is still on its way when its booking was given up takes no seats', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = requestOf(flight);
  const booking = await cancelUnpaidBooking(db, request, FAILED);
  expect(booking).toMatchObject({ status: 'cancelled', cancellationReason: 'reservation_failed' });

  expect(await reserve(db, request, terms())).toEqual({
    outcome: 'failed',
    fingerprint: request.fingerprint,
  });
  expect(await seatsByState(db, flight.id)).toEqual({ free: 1, held: 0, sold: 0 });
});

test('seats that a claim took before its booking was given up go back on sale', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = await hold(db, flight);
  await cancelUnpaidBooking(db, request, FAILED);
  expect(await seatsByState(db, flight.id)).toEqual({ free: 1, held: 0, sold: 0 });
});

test('a claim and giving it up at once agree: no seat is left held by a cancelled booking', async () => {
  const flight = await putFlightOnSale(db, { seats: 20 });
  const requests = Array.from({ length: 20 }, () => requestOf(flight));
  await Promise.all(
    requests.flatMap((request) => [
      reserve(db, request, terms()),
      cancelUnpaidBooking(db, request, FAILED),
    ]),
  );
  expect(await seatsByState(db, flight.id)).toEqual({ free: 20, held: 0, sold: 0 });
});
