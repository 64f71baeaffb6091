import { auditBooks } from '../../src/db/audit/auditor';
import { readBooking } from '../../src/db/bookings/booking-view';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { holdAsBefore } from '../support/earlier-release';
import {
  paymentFor,
  putFlightOnSale,
  requestOf,
  seatsByState,
  type FlightOnSale,
} from '../support/flights';
import { settleWithProvider, terms } from './inventory';

/** Bookings that a worker of the release before made: they go on as if this one had made them. */

let database: TestDatabase;
let db: Db;
let flight: FlightOnSale;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

beforeEach(async () => {
  flight = await putFlightOnSale(db, { seats: 6 });
});

afterAll(() => database.drop());

async function heldBefore(seatNumber = '1A') {
  const request = requestOf(flight);
  return { request, stored: await holdAsBefore(db, request, seatNumber) };
}

test('one is read with its way, which is its one flight', async () => {
  const { request } = await heldBefore();
  expect((await readBooking(db, request.bookingId))?.booking).toMatchObject({
    status: 'pending',
    flight: { id: flight.id },
    slices: [
      {
        origin: { iata: 'LHR' },
        destination: { iata: 'JFK' },
        segments: [{ id: flight.id, cabin: 'economy', status: 'confirmed' }],
      },
    ],
    passengers: [{ seatNumber: '1A', seats: [{ flightId: flight.id, seatNumber: '1A' }] }],
  });
});

test('a claim that is repeated returns what was stored, letter by letter', async () => {
  const { request, stored } = await heldBefore();
  const again = await reserve(db, request, terms());
  expect(again).toMatchObject({ outcome: 'held' });
  expect(JSON.stringify(again.outcome === 'held' && again.booking)).toBe(JSON.stringify(stored));
  expect(await seatsByState(db, flight.id)).toEqual({ free: 5, held: 1, sold: 0 });
});

test('one is paid and cancelled, another ends unpaid, and the books agree', async () => {
  const [{ request: paid }, { request: unpaid }] = [await heldBefore(), await heldBefore('1B')];
  const payment = paymentFor(paid);
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment);
  const requestedAt = new Date();
  await cancelUnpaidBooking(db, unpaid, {
    reason: 'payment_expired',
    actor: 'system',
    requestedAt,
  });
  expect(await seatsByState(db, flight.id)).toEqual({ free: 5, held: 0, sold: 1 });
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
  const why = { asOperator: true, actor: 'operator-1', requestedAt, ourProviders: ['sandbox'] };
  await cancelBookedBooking(db, paid.bookingId, why);
  expect(await seatsByState(db, flight.id)).toEqual({ free: 6, held: 0, sold: 0 });
  expect(await auditBooks(db)).toEqual([]);
});
