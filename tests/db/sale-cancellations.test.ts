import { randomUUID } from 'node:crypto';
import {
  cancelBookedBooking,
  type SaleCancellationTerms,
} from '../../src/db/bookings/cancel-booked';
import type { Db } from '../../src/db/connection';
import { confirmWithExternalPayment } from '../../src/db/payments/captures';
import { recordRefund, readRefund } from '../../src/db/refunds/refunds';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE, CANCELLATION_FEE, putFlightOnSale, seatsByState } from '../support/flights';
import { eventsOf, externalPaymentFor, hold, ledgerOf, sell } from './inventory';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

const DAY_MS = 24 * 60 * 60_000;
const ALL_FREE = { free: 1, held: 0, sold: 0 };

/**
 * The terms of the owner's cancellation, asked for two days after booking: the fare's fee is due.
 */
function terms(details: Partial<SaleCancellationTerms> = {}): SaleCancellationTerms {
  return {
    asOperator: false,
    actor: 'customer-1',
    requestedAt: new Date(Date.now() + 2 * DAY_MS),
    ourProviders: ['sandbox'],
    ...details,
  };
}

async function sold(details: { refundable?: boolean } = {}) {
  const flight = await putFlightOnSale(db, { seats: 1, ...details });
  const { request, payment } = await sell(db, flight);
  return { flight, bookingId: request.bookingId, paymentId: payment.paymentId };
}

test('frees the seats, splits the money, owes the refund and tells it, all at once', async () => {
  const { flight, bookingId, paymentId } = await sold();
  const answer = await cancelBookedBooking(
    db,
    bookingId,
    terms({ reasonGiven: 'The plans have changed.' }),
  );
  const refund = { status: 'pending', amount: 7_000, currency: 'USD' };
  expect(answer).toMatchObject({
    booking: {
      id: bookingId,
      status: 'cancelled',
      cancellationReason: 'customer_request',
      refund,
      availableActions: [],
    },
    refundOf: paymentId,
  });
  expect(await seatsByState(db, flight.id)).toEqual(ALL_FREE);
  expect(await ledgerOf(db, bookingId)).toEqual({
    'receivable:sandbox': 12_000,
    'revenue:fares': 0,
    'liability:taxes': 0,
    'revenue:fees': 0,
    'liability:refunds': -7_000,
    'revenue:cancellation_fees': -CANCELLATION_FEE.amount,
  });
  const events = db('booking_events').where({ booking_id: bookingId, type: 'cancelled' });
  expect(await events).toMatchObject([{ actor: 'customer-1', reason: 'The plans have changed.' }]);

  await recordRefund(db, paymentId, 'sre_1');
  expect(await ledgerOf(db, bookingId)).toMatchObject({
    'receivable:sandbox': 5_000,
    'liability:refunds': 0,
  });
});

test('is done once, however often and by however many it is asked for', async () => {
  const { flight, bookingId, paymentId } = await sold();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      cancelBookedBooking(db, bookingId, terms({ asOperator: index % 2 === 1 })),
    ),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await seatsByState(db, flight.id)).toEqual(ALL_FREE);
  expect((await eventsOf(db, bookingId)).filter((type) => type === 'cancelled')).toHaveLength(1);
  const kinds = db('ledger_transactions').where({ payment_id: paymentId }).pluck('kind');
  expect((await kinds).sort()).toEqual(['cancellation', 'capture']);
});

test('answers, once the money has gone back, that nothing is left to do', async () => {
  const { bookingId, paymentId } = await sold();
  await cancelBookedBooking(db, bookingId, terms());
  await recordRefund(db, paymentId, 'sre_1');
  expect(await cancelBookedBooking(db, bookingId, terms())).toMatchObject({
    booking: { refund: { status: 'succeeded' } },
    refundOf: null,
  });
});

test.each<[string, Partial<SaleCancellationTerms>, boolean, number]>([
  ['of a refundable fare gives back all but the fee', {}, true, 7_000],
  ['of a saver fare gives back nothing', {}, false, 0],
  [
    'within a day gives back all',
    { requestedAt: new Date(Date.now() + DAY_MS / 2) },
    false,
    12_000,
  ],
  ['by an operator gives back all', { asOperator: true }, false, 12_000],
])('%s', async (_, details, refundable, amount) => {
  const { bookingId, paymentId } = await sold({ refundable });
  const { booking, refundOf } = await cancelBookedBooking(db, bookingId, terms(details));
  expect(booking.refund?.amount ?? 0).toBe(amount);
  expect(refundOf).toBe(amount === 0 ? null : paymentId);
  expect(await readRefund(db, paymentId)).toEqual(
    amount === 0 ? undefined : expect.objectContaining({ status: 'pending' }),
  );
  expect(await ledgerOf(db, bookingId)).toMatchObject({ 'revenue:fares': 0, 'liability:taxes': 0 });
});

test('of a booking that another service was paid for leaves the refund to a person', async () => {
  const request = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = externalPaymentFor(request);
  await confirmWithExternalPayment(db, payment);
  expect(
    await cancelBookedBooking(db, request.bookingId, terms({ asOperator: true })),
  ).toMatchObject({
    booking: { refund: { status: 'needs_operator', ...ADULT_PRICE } },
    refundOf: externalPaymentId(payment),
  });
});

test('is refused from the moment on at which the flight leaves; nothing changes', async () => {
  const { flight, bookingId } = await sold();
  const before = await eventsOf(db, bookingId);
  for (const asOperator of [false, true]) {
    const departed = terms({ asOperator, requestedAt: flight.departureAt });
    await expect(cancelBookedBooking(db, bookingId, departed)).rejects.toMatchObject({
      code: 'booking_not_cancellable',
    });
  }
  expect(await eventsOf(db, bookingId)).toEqual(before);
  expect(await seatsByState(db, flight.id)).toMatchObject({ sold: 1 });
  const inTime = terms({ requestedAt: new Date(flight.departureAt.getTime() - 1) });
  expect(await cancelBookedBooking(db, bookingId, inTime)).toMatchObject({
    booking: { status: 'cancelled' },
  });
});

test('is refused for a booking that nobody paid for, and one that there is not', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = await hold(db, flight);
  for (const bookingId of [request.bookingId, randomUUID()]) {
    await expect(cancelBookedBooking(db, bookingId, terms())).rejects.toMatchObject({
      code: 'booking_not_found',
    });
  }
  expect(await seatsByState(db, flight.id)).toMatchObject({ held: 1 });
});

test('leaves seats that someone else bought meanwhile alone', async () => {
  const { flight, bookingId } = await sold();
  await cancelBookedBooking(db, bookingId, terms());
  const { request } = await sell(db, flight);
  await cancelBookedBooking(db, bookingId, terms());
  expect(await seatsByState(db, flight.id)).toEqual({ free: 0, held: 0, sold: 1 });
  const seat = await db('seats').where({ flight_id: flight.id }).first();
  expect(seat?.booking_id).toBe(request.bookingId);
});
