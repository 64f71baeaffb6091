import { randomUUID } from 'node:crypto';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import type { Db } from '../../src/db/connection';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import { findOutcome } from '../../src/db/idempotency/outcome-view';
import {
  confirmWithCardPayment,
  confirmWithExternalPayment,
  recordUnappliedCapture,
} from '../../src/db/payments/captures';
import {
  recordAuthorization,
  recordDecline,
  recordVoid,
  startPayment,
} from '../../src/db/payments/card-payments';
import type { CardPayment } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE, paymentFor, putFlightOnSale, seatsByState } from '../support/flights';
import { eventsOf, externalPaymentFor, hold, ledgerOf, sell } from './inventory';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

describe('a card payment', () => {
  test('is on record before the provider hears of it', async () => {
    const payment = await startedPayment();
    expect(await rowOf(payment)).toMatchObject({
      status: 'processing',
      applied: false,
      amount: 12_000,
      currency: 'USD',
      provider: 'sandbox',
      provider_payment_id: null,
    });
  });

  test('that is started again is the same one', async () => {
    const payment = await startedPayment();
    const again = await startPayment(db, payment, 'sandbox');
    const rows = await db('payments').where({ booking_id: payment.bookingId });
    expect(rows.map((row) => row.created_at.toISOString())).toEqual([again.startedAt]);
    expect(await eventsOf(db, payment.bookingId)).toEqual(['seats_held', 'payment_started']);
  });

  test('can’t pay for two bookings under one key', async () => {
    const payment = await startedPayment();
    const other = await hold(db, await putFlightOnSale(db, { seats: 1 }), {
      customerId: payment.customerId,
    });
    const reused = { ...payment, bookingId: other.bookingId };
    await expect(startPayment(db, reused, 'sandbox')).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(await db('payments').where({ booking_id: other.bookingId })).toEqual([]);
  });

  test('can’t change what it asks for under one key', async () => {
    const payment = await startedPayment();
    await expect(
      startPayment(db, { ...payment, fingerprint: 'of another request' }, 'sandbox'),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('can’t come under the key of another payment, whatever ID it says it has', async () => {
    const payment = await startedPayment();
    await expect(
      startPayment(db, { ...payment, paymentId: randomUUID() }, 'sandbox'),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  });

  test('waits for its turn while another one of its booking is under way', async () => {
    const payment = await startedPayment();
    await expect(startPayment(db, paymentFor(payment), 'sandbox')).rejects.toMatchObject({
      code: 'payment_in_progress',
    });
  });

  test('may use a key that another customer uses, too', async () => {
    const idempotencyKey = 'order-1';
    await startedPayment({ idempotencyKey });
    await startedPayment({ idempotencyKey });
    expect(await db('payments').where({ idempotency_key: idempotencyKey })).toHaveLength(2);
  });

  test('sells the seats once, however often it is confirmed', async () => {
    const flight = await putFlightOnSale(db, { seats: 2 });
    const request = await hold(db, flight);
    const payment = paymentFor(request);
    await startPayment(db, payment, 'sandbox');
    await recordAuthorization(db, { paymentId: payment.paymentId, providerPaymentId: 'spi_1' });

    const first = await confirmWithCardPayment(db, payment);
    const second = await confirmWithCardPayment(db, payment);

    expect(first).toMatchObject({
      outcome: 'captured',
      payment: {
        id: payment.paymentId,
        status: 'captured',
        bookingStatus: 'booked',
        ...ADULT_PRICE,
      },
    });
    expect(second).toEqual(first);
    expect(await seatsByState(db, flight.id)).toEqual({ free: 1, held: 0, sold: 1 });
    expect(await rowOf(payment)).toMatchObject({ applied: true, provider_payment_id: 'spi_1' });
    expect(await ledgerOf(db, request.bookingId)).toEqual({
      'receivable:sandbox': 12_000,
      'revenue:fares': -10_000,
      'liability:taxes': -1_500,
      'revenue:fees': -500,
    });
    expect(await eventsOf(db, request.bookingId)).toEqual([
      'seats_held',
      'payment_started',
      'booked',
    ]);
  });

  test('binds its key to the captured payment', async () => {
    const { payment } = await sell(db, await putFlightOnSale(db, { seats: 1 }));
    expect(await findOutcome(db, keyOf(payment))).toMatchObject({
      fingerprint: payment.fingerprint,
      kind: 'payment_captured',
      body: { id: payment.paymentId, status: 'captured', bookingStatus: 'booked' },
    });
  });

  test('that is confirmed twice at once is captured once', async () => {
    const payment = await startedPayment();
    const [one, other] = await Promise.all([
      confirmWithCardPayment(db, payment),
      confirmWithCardPayment(db, payment),
    ]);
    expect(one).toEqual(other);
    expect(await db('ledger_transactions').where({ booking_id: payment.bookingId })).toHaveLength(
      1,
    );
  });

  test('that was declined keeps the seats held, and binds its key to the decline', async () => {
    const flight = await putFlightOnSale(db, { seats: 1 });
    const payment = paymentFor(await hold(db, flight));
    await startPayment(db, payment, 'sandbox');
    const first = await recordDecline(db, payment, 'insufficient_funds');
    expect(await recordDecline(db, payment, 'insufficient_funds')).toEqual(first);

    expect(await seatsByState(db, flight.id)).toMatchObject({ held: 1 });
    expect(await rowOf(payment)).toMatchObject({
      status: 'declined',
      decline_code: 'insufficient_funds',
    });
    expect(await findOutcome(db, keyOf(payment))).toMatchObject({
      kind: 'payment_declined',
      body: { code: 'payment_declined', declineCode: 'insufficient_funds' },
    });
    expect(await eventsOf(db, payment.bookingId)).toEqual([
      'seats_held',
      'payment_started',
      'payment_declined',
    ]);
  });

  test('that was given up can’t be taken up again while another charge is under way', async () => {
    const request = await hold(db, await putFlightOnSale(db, { seats: 1 }));
    const [one, other] = [paymentFor(request), paymentFor(request)];
    await startPayment(db, one, 'sandbox');
    await recordVoid(db, one);
    await startPayment(db, other, 'sandbox');
    await expect(startPayment(db, one, 'sandbox')).rejects.toMatchObject({
      code: 'payment_in_progress',
    });
    await recordVoid(db, other);
    await startPayment(db, one, 'sandbox');
    expect(await rowOf(one)).toMatchObject({ status: 'processing' });
  });

  test('that was given up is voided once, and binds no key: nothing was decided', async () => {
    const payment = await startedPayment();
    await recordVoid(db, payment);
    await recordVoid(db, payment);
    expect(await rowOf(payment)).toMatchObject({ status: 'voided' });
    expect(await findOutcome(db, keyOf(payment))).toBeUndefined();
    expect(await eventsOf(db, payment.bookingId)).toEqual([
      'seats_held',
      'payment_started',
      'payment_voided',
    ]);
  });

  test('that took money for nothing is owed back, with the ledger in balance', async () => {
    const payment = await startedPayment();
    const taken = {
      provider: 'sandbox',
      providerPaymentId: 'spi_2',
      reason: 'provider_unavailable',
    };
    await recordUnappliedCapture(db, payment, taken);
    await recordUnappliedCapture(db, payment, taken);

    expect(await rowOf(payment)).toMatchObject({ status: 'captured', applied: false });
    expect(await refundsOf(payment)).toEqual([
      { status: 'pending', ...ADULT_PRICE, reason: 'provider_unavailable' },
    ]);
    expect(await ledgerOf(db, payment.bookingId)).toEqual({
      'receivable:sandbox': 12_000,
      'liability:unapplied_payments': -12_000,
    });
  });
});

describe('a payment that another service took', () => {
  test('sells the seats once, however often we hear of it', async () => {
    const flight = await putFlightOnSale(db, { seats: 1 });
    const request = await hold(db, flight);
    const payment = externalPaymentFor(request);
    expect(await confirmWithExternalPayment(db, payment)).toBe(true);
    expect(await confirmWithExternalPayment(db, payment)).toBe(true);

    expect(await seatsByState(db, flight.id)).toMatchObject({ sold: 1 });
    expect(await db('payments').where({ booking_id: request.bookingId })).toMatchObject([
      { id: externalPaymentId(payment), status: 'captured', applied: true, customer_id: null },
    ]);
    expect(await ledgerOf(db, request.bookingId)).toMatchObject({ 'receivable:bank': 12_000 });
  });

  test('is one of its provider’s: another provider may use the same ID', () => {
    const payment = externalPaymentFor({ bookingId: randomUUID() });
    const { amount: _, ...named } = payment;
    expect(externalPaymentId(payment)).toBe(externalPaymentId(named));
    expect(externalPaymentId(payment)).not.toBe(
      externalPaymentId({ ...payment, provider: 'other' }),
    );
  });

  test('that doesn’t fit is recorded once, and waits for an operator', async () => {
    const request = await hold(db, await putFlightOnSale(db, { seats: 1 }));
    const payment = externalPaymentFor(request, { amount: 100, currency: 'EUR' });
    await recordUnappliedPayment(db, payment, {
      reason: 'amount_mismatch',
      ourProviders: ['sandbox'],
    });
    await recordUnappliedPayment(db, payment, {
      reason: 'amount_mismatch',
      ourProviders: ['sandbox'],
    });

    expect(await refundsOf({ paymentId: externalPaymentId(payment) })).toEqual([
      { status: 'needs_operator', amount: 100, currency: 'EUR', reason: 'amount_mismatch' },
    ]);
    expect(await ledgerOf(db, request.bookingId)).toEqual({
      'receivable:bank': 100,
      'liability:unapplied_payments': -100,
    });
    expect(await eventsOf(db, request.bookingId)).toEqual([
      'seats_held',
      'payment_not_applied',
      'refund_needs_operator',
    ]);
  });

  test('can’t pay for two bookings', async () => {
    const flight = await putFlightOnSale(db, { seats: 2 });
    const one = await hold(db, flight);
    const other = await hold(db, flight);
    const payment = externalPaymentFor(one);
    await confirmWithExternalPayment(db, payment);
    expect(await confirmWithExternalPayment(db, { ...payment, bookingId: other.bookingId })).toBe(
      false,
    );
    expect(await seatsByState(db, flight.id)).toEqual({ free: 0, held: 1, sold: 1 });
  });
});

describe('a report of a charge of our own', () => {
  test('from another service changes nothing: it is on record', async () => {
    const { request, payment } = await sell(db, await putFlightOnSale(db, { seats: 1 }));
    await db('payments').where({ id: payment.paymentId }).update({ provider_payment_id: 'spi_3' });
    const news = externalPaymentFor(request, { provider: 'sandbox', providerPaymentId: 'spi_3' });
    await recordUnappliedPayment(db, news, { reason: 'second_payment', ourProviders: ['sandbox'] });
    expect(await db('payments').where({ booking_id: request.bookingId })).toHaveLength(1);
    expect(await db('refunds').where({ payment_id: payment.paymentId })).toEqual([]);
  });
});

describe('cancelling an unpaid booking', () => {
  const byCustomer = {
    reason: 'customer_request',
    actor: 'customer-1',
    requestedAt: new Date(),
  } as const;

  test('puts its seats back on sale once, and leaves others’ alone', async () => {
    const flight = await putFlightOnSale(db, { seats: 3 });
    const request = await hold(db, flight);
    await hold(db, flight);
    await cancelUnpaidBooking(db, request, { ...byCustomer, reasonGiven: 'Changed plans' });
    expect(await seatsByState(db, flight.id)).toEqual({ free: 2, held: 1, sold: 0 });

    const next = await hold(db, flight);
    const again = await cancelUnpaidBooking(db, request, {
      reason: 'payment_expired',
      actor: 'system',
      requestedAt: new Date(),
    });

    expect(again).toMatchObject({ status: 'cancelled', cancellationReason: 'customer_request' });
    expect(await db('bookings').where({ id: next.bookingId }).first()).toMatchObject({
      status: 'pending',
    });
    expect(await seatsByState(db, flight.id)).toEqual({ free: 1, held: 2, sold: 0 });
    expect(
      await db('booking_events').where({ booking_id: request.bookingId, type: 'cancelled' }),
    ).toMatchObject([{ actor: 'customer-1', reason: 'Changed plans' }]);
  });

  test('doesn’t touch a booking that is paid for', async () => {
    const flight = await putFlightOnSale(db, { seats: 1 });
    const { request } = await sell(db, flight);
    const booking = await cancelUnpaidBooking(db, request, byCustomer);
    expect(booking).toMatchObject({ status: 'booked', cancellationReason: null });
    expect(await seatsByState(db, flight.id)).toMatchObject({ sold: 1 });
  });
});

async function startedPayment(details: Partial<CardPayment> = {}): Promise<CardPayment> {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const payment = paymentFor(await hold(db, flight), details);
  await startPayment(db, payment, 'sandbox');
  return payment;
}

async function rowOf({ paymentId }: { paymentId: string }) {
  return db('payments').where({ id: paymentId }).first();
}

async function refundsOf({ paymentId }: { paymentId: string }) {
  return db('refunds')
    .where({ payment_id: paymentId })
    .select('status', 'amount', 'currency', 'reason');
}

function keyOf({ customerId, idempotencyKey }: CardPayment) {
  return { callerId: customerId, route: 'payments', key: idempotencyKey } as const;
}
