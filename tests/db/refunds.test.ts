import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import { recordUnappliedCapture } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import {
  leaveRefundToOperator,
  recordRefund,
  recordSettlement,
  createRefund,
  readRefund,
  readRefundCase,
  refundIdOf,
} from '../../src/db/refunds/refunds';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import type { WhyOperator } from '../../src/temporal/contracts/refund';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE, paymentFor, putFlightOnSale } from '../support/flights';
import { eventsOf, externalPaymentFor, hold, ledgerOf, sell } from './inventory';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

const SETTLEMENT = { settledBy: 'operator-1', note: 'Sent back by the bank.' };

interface Payment {
  bookingId: string;
  paymentId: string;
}

/** Money that one of our charges took in vain: all of it is owed back. */
async function owed(): Promise<Payment> {
  const payment = await underWay();
  const details = { provider: 'sandbox', providerPaymentId: randomUUID(), reason: 'forgotten' };
  await recordUnappliedCapture(db, { ...payment, ...ADULT_PRICE }, details);
  return payment;
}

/** A charge that has begun, and whose outcome nobody knows. */
async function underWay(): Promise<Payment> {
  const request = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = paymentFor(request);
  await startPayment(db, payment, 'sandbox');
  return payment;
}

/** Money that another service took for a booking, and that pays for nothing. */
async function unapplied(ourProviders = ['sandbox']): Promise<Payment> {
  const request = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = externalPaymentFor(request);
  await recordUnappliedPayment(db, payment, { reason: 'late', ourProviders });
  return { bookingId: request.bookingId, paymentId: externalPaymentId(payment) };
}

const refundRow = ({ paymentId }: Payment) =>
  db('refunds').where({ payment_id: paymentId }).first();

describe('a refund', () => {
  test('is of all that was taken in vain, and known by its payment', async () => {
    const payment = await owed();
    expect(await readRefundCase(db, payment.paymentId)).toMatchObject({
      bookingId: payment.bookingId,
      paymentStatus: 'captured',
      provider: 'sandbox',
      captured: ADULT_PRICE,
      refund: { refundId: refundIdOf(payment.paymentId), status: 'pending', money: ADULT_PRICE },
    });
    expect(await ledgerOf(db, payment.bookingId)).toEqual({
      'receivable:sandbox': 12_000,
      'liability:unapplied_payments': -12_000,
    });
  });

  test('that the provider has made is posted once, however often it is noted', async () => {
    const payment = await owed();
    await recordRefund(db, payment.paymentId, 'sre_1');
    await recordRefund(db, payment.paymentId, 'sre_2');
    expect(await refundRow(payment)).toMatchObject({
      status: 'succeeded',
      provider_refund_id: 'sre_1',
      settled_by: null,
    });
    expect(await ledgerOf(db, payment.bookingId)).toEqual({
      'receivable:sandbox': 0,
      'liability:unapplied_payments': 0,
    });
    expect((await eventsOf(db, payment.bookingId)).slice(-2)).toEqual([
      'payment_not_applied',
      'refunded',
    ]);
  });

  test('that the provider and a person have made at once is one of them', async () => {
    const payment = await owed();
    await Promise.all([
      recordRefund(db, payment.paymentId, 'sre_1'),
      recordSettlement(db, payment.paymentId, SETTLEMENT),
      recordRefund(db, payment.paymentId, 'sre_1'),
    ]);
    const row = await refundRow(payment);
    expect(row?.provider_refund_id === null).toBe(row?.settled_by !== null);
    expect(
      (await eventsOf(db, payment.bookingId)).filter((type) => type === 'refunded'),
    ).toHaveLength(1);
  });

  test('can’t be of more than was taken, nor of another currency', async () => {
    const payment = await owed();
    for (const money of [
      { amount: 12_001, currency: 'USD' },
      { amount: 1, currency: 'EUR' },
    ]) {
      const refund = { ...payment, money, reason: 'late', whyOperator: null };
      await expect(db.transaction((trx) => createRefund(trx, refund))).rejects.toThrow(
        'not covered',
      );
    }
  });

  test('can’t be asked of the provider for money that it may not have taken', async () => {
    const payment = await underWay();
    const refund = { ...payment, money: ADULT_PRICE, reason: 'unknown' };
    const owe = (whyOperator: WhyOperator | null) =>
      db.transaction((trx) => createRefund(trx, { ...refund, whyOperator }));
    await expect(owe(null)).rejects.toThrow('not covered');
    await owe('provider_silent');
    expect(await readRefund(db, payment.paymentId)).toMatchObject({ status: 'needs_operator' });
  });

  test('of a payment that was never recorded isn’t there', async () => {
    expect(await readRefundCase(db, randomUUID())).toBeUndefined();
    await expect(recordSettlement(db, randomUUID(), SETTLEMENT)).rejects.toThrow('Bug');
  });
});

describe('a refund that is left to a person', () => {
  test('says so once, and why', async () => {
    const payment = await owed();
    await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
    await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
    expect(await refundRow(payment)).toMatchObject({ status: 'needs_operator', ...ADULT_PRICE });
    const events = db('booking_events').where({ booking_id: payment.bookingId });
    expect(await events.where({ type: 'refund_needs_operator' })).toMatchObject([
      { actor: 'system', reason: 'provider_silent' },
    ]);
  });

  test('stays done, when it is done', async () => {
    const payment = await owed();
    await recordRefund(db, payment.paymentId, 'sre_1');
    await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
    expect(await refundRow(payment)).toMatchObject({ status: 'succeeded' });
  });

  test('is of nothing, when nothing of the payment is owed', async () => {
    const { payment } = await sell(db, await putFlightOnSale(db, { seats: 1 }));
    await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
    await leaveRefundToOperator(db, randomUUID(), 'provider_silent');
    expect(await readRefund(db, payment.paymentId)).toBeUndefined();
  });

  test('is of the whole charge, when nobody knows its outcome; taken up again once that is known', async () => {
    const payment = await underWay();
    await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
    expect(await refundRow(payment)).toMatchObject({
      status: 'needs_operator',
      ...ADULT_PRICE,
      reason: 'outcome_unknown',
    });
    await recordUnappliedCapture(
      db,
      { ...payment, ...ADULT_PRICE },
      { provider: 'sandbox', providerPaymentId: randomUUID(), reason: 'forgotten' },
    );
    expect(await refundRow(payment)).toMatchObject({ status: 'pending', reason: 'forgotten' });
  });

  test('is asked of a person at once, when it is not our provider that has the money', async () => {
    expect(await refundRow(await unapplied(['sandbox']))).toMatchObject({
      status: 'needs_operator',
    });
    expect(await refundRow(await unapplied(['bank']))).toMatchObject({ status: 'pending' });
  });
});

describe('a refund that a person settles', () => {
  test('is posted like any other, with who has done it and how', async () => {
    const payment = await unapplied();
    expect(await recordSettlement(db, payment.paymentId, SETTLEMENT)).toBe('succeeded');
    expect(
      await recordSettlement(db, payment.paymentId, { settledBy: 'operator-2', note: 'Me.' }),
    ).toBe('succeeded');
    expect(await refundRow(payment)).toMatchObject({
      status: 'succeeded',
      settled_by: 'operator-1',
      settlement_note: SETTLEMENT.note,
    });
    expect(await ledgerOf(db, payment.bookingId)).toEqual({
      'receivable:bank': 0,
      'liability:unapplied_payments': 0,
    });
  });

  test('closes a charge of which nobody knew the outcome as one that took nothing', async () => {
    const payment = await underWay();
    await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
    expect(await recordSettlement(db, payment.paymentId, SETTLEMENT)).toBe('nothing_owed');
    expect(await readRefundCase(db, payment.paymentId)).toMatchObject({
      paymentStatus: 'voided',
      refund: undefined,
    });
    const events = db('booking_events').where({ booking_id: payment.bookingId });
    expect(await events.where({ type: 'payment_voided' })).toMatchObject([
      { actor: 'operator-1', reason: null, note: SETTLEMENT.note },
    ]);
  });

  test('may be of money that nobody knows what it was for', async () => {
    const payment = externalPaymentFor({ bookingId: randomUUID() });
    await recordUnappliedPayment(db, payment, {
      reason: 'unknown_booking',
      ourProviders: ['sandbox'],
    });
    const paymentId = externalPaymentId(payment);
    expect(await recordSettlement(db, paymentId, SETTLEMENT)).toBe('succeeded');
    const { rows } = await db.raw<{ rows: { balance: number }[] }>(
      `SELECT sum(l.amount)::int AS balance FROM ledger_postings l
       JOIN ledger_transactions t ON t.id = l.transaction_id WHERE t.payment_id = ? GROUP BY l.account`,
      [paymentId],
    );
    expect(rows).toEqual([{ balance: 0 }, { balance: 0 }]);
  });
});
