import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Db } from '../../src/db/connection';
import { storePaymentEvent } from '../../src/db/external-payments/received-events';
import { recordUnappliedPayments } from '../../src/db/external-payments/unapplied';
import { listWaitingEvents } from '../../src/db/external-payments/waiting-events';
import {
  confirmWithCardPayment,
  confirmWithExternalPayment,
  recordUnappliedCapture,
} from '../../src/db/payments/captures';
import { recordAuthorization, startPayment } from '../../src/db/payments/card-payments';
import type { Unapplied } from '../../src/temporal/contracts/external-payment';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ADULT_PRICE, paymentFor, putFlightOnSale } from '../support/flights';
import { eventsOf, externalPaymentFor, hold, settleWithProvider } from './inventory';

/** What other services report is on record once, whatever it is and however much of it comes. */

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterEach(async () => {
  expect(await auditBooks(db)).toEqual([]);
});

afterAll(() => database.drop());

const OURS = ['sandbox'];
const booking = async () => hold(db, await putFlightOnSale(db, { seats: 1 }));
const waiting = () => db('received_payment_events').pluck('provider_payment_id');
const rowsOf = (payments: { providerPaymentId: string }[]) =>
  db('payments').whereIn(
    'provider_payment_id',
    payments.map(({ providerPaymentId }) => providerPaymentId),
  );

function reportsFor(bookingId: string, count: number, provider = 'acme'): Unapplied[] {
  return Array.from({ length: count }, (_, index) => ({
    payment: externalPaymentFor({ bookingId }, { provider, amount: index + 1 }),
    reason: 'amount_mismatch',
  }));
}

test('a hundred payments that pay for nothing are on record at once, posted, and owed back, once', async () => {
  const { bookingId } = await booking();
  const reports = reportsFor(bookingId, 100);
  const first = await recordUnappliedPayments(db, reports, OURS);
  expect(await recordUnappliedPayments(db, [...reports].reverse(), OURS)).toHaveLength(100);

  expect(await rowsOf(reports.map(({ payment }) => payment))).toHaveLength(100);
  expect(first.map(({ refund }) => refund)).toEqual(reports.map(() => 'needs_operator'));
  expect(
    (await eventsOf(db, bookingId)).filter((type) => type === 'payment_not_applied'),
  ).toHaveLength(100);
});

test('of one booking a hundred refunds are handed over at once, and the others are found later', async () => {
  const { bookingId } = await booking();
  const handedOver = async (count: number) =>
    (await recordUnappliedPayments(db, reportsFor(bookingId, count), OURS)).filter(
      ({ isHandedOver }) => isHandedOver,
    ).length;
  expect(await handedOver(60)).toBe(60);
  expect(await handedOver(60)).toBe(40);
  expect(await handedOver(60)).toBe(0);
  // Our own provider gives its money back by itself, however much it is.
  const [ours] = await recordUnappliedPayments(
    db,
    [
      {
        payment: externalPaymentFor({ bookingId }, { provider: 'sandbox', amount: 5 }),
        reason: 'late',
      },
    ],
    OURS,
  );
  expect(ours).toMatchObject({ refund: 'pending', isHandedOver: true });
  await db.raw('DELETE FROM sandbox_provider.refunds');
});

test('one payment that is reported twice in a batch is one', async () => {
  const { bookingId } = await booking();
  const [report] = reportsFor(bookingId, 1) as [Unapplied];
  const [one, other] = await recordUnappliedPayments(db, [report, report], OURS);
  expect(one?.paymentId).toBe(other?.paymentId);
});

test.each([
  ['a booking of ours', async () => (await booking()).bookingId],
  ['a booking that nobody knows', () => Promise.resolve(randomUUID())],
])(
  'what our provider does not have, for %s, is on record and owes nobody anything',
  async (_, idOf) => {
    const bookingId = await idOf();
    const payment = externalPaymentFor({ bookingId }, { provider: 'sandbox' });
    const recorded = await recordUnappliedPayments(db, [{ payment, reason: 'not_found' }], OURS);
    expect(recorded).toMatchObject([{ refund: 'none', isHandedOver: false }]);
    expect(await rowsOf([payment])).toMatchObject([
      { status: 'not_found', applied: false, captured_at: null },
    ]);
    expect(await db('refunds').where({ payment_id: recorded[0]?.paymentId ?? '' })).toEqual([]);
    expect(
      await db('ledger_transactions').where({ payment_id: recorded[0]?.paymentId ?? '' }),
    ).toEqual([]);
  },
);

test('what was not found at first, or was reported for another booking, still pays when it is there', async () => {
  const other = await booking();
  const { bookingId } = await booking();
  const payment = externalPaymentFor({ bookingId });
  const claimed = { ...payment, bookingId: other.bookingId };
  await recordUnappliedPayments(db, [{ payment: claimed, reason: 'not_found' }], OURS);
  expect(await confirmWithExternalPayment(db, payment)).toBe(true);
  expect(await rowsOf([payment])).toMatchObject([
    { status: 'captured', applied: true, booking_id: bookingId },
  ]);
  await recordUnappliedPayments(db, [{ payment, reason: 'not_found' }], OURS);
  expect(await rowsOf([payment])).toMatchObject([{ status: 'captured', applied: true }]);
});

test('what was not found at first is owed back when it is there, and comes too late', async () => {
  const { bookingId } = await booking();
  const payment = externalPaymentFor({ bookingId });
  await recordUnappliedPayments(db, [{ payment, reason: 'provider_silent' }], OURS);
  const recorded = await recordUnappliedPayments(db, [{ payment, reason: 'late' }], OURS);
  expect(recorded).toMatchObject([{ refund: 'needs_operator' }]);
});

test.each(['processing', 'authorized', 'declined', 'voided'])(
  'the database takes no payment of a customer as not found, nor a %s one without a booking',
  async (status) => {
    const { bookingId } = await booking();
    const row = { id: randomUUID(), ...ADULT_PRICE, provider: 'sandbox' };
    const customer = { customer_id: 'a', idempotency_key: 'b', request_fingerprint: 'c' };
    await expect(
      db('payments').insert({
        ...row,
        ...customer,
        booking_id: bookingId,
        status: 'not_found',
        provider_payment_id: randomUUID(),
      }),
    ).rejects.toThrow('payments_not_found_are_external');
    await expect(
      db('payments').insert({
        ...row,
        reported_booking_id: 'b',
        status,
        ...(status === 'declined' ? { decline_code: 'no' } : {}),
      }),
    ).rejects.toThrow('payments_without_booking');
  },
);

describe('a report that is accepted', () => {
  test('waits until its payment is on record, and then no longer', async () => {
    const { bookingId } = await booking();
    const [paid, unpaid] = [externalPaymentFor({ bookingId }), externalPaymentFor({ bookingId })];
    for (const payment of [paid, unpaid])
      expect(await storePaymentEvent(db, payment)).toBe('direct');
    expect(await waiting()).toHaveLength(2);
    // Repeated at once it is on its way; later, its workflow may never have been told.
    expect(await storePaymentEvent(db, paid)).toBe('queued');
    await db('received_payment_events').update({ delivered_at: new Date(Date.now() - 2_500) });
    expect(await storePaymentEvent(db, paid)).toBe('direct');
    expect(await storePaymentEvent(db, paid)).toBe('queued');

    await confirmWithExternalPayment(db, paid);
    expect(await waiting()).toEqual([unpaid.providerPaymentId]);
    await recordUnappliedPayments(db, [{ payment: unpaid, reason: 'second_payment' }], OURS);
    expect(await waiting()).toEqual([]);
  });

  test('goes to the booking’s workflow, unless many do; of many, those few that could pay for it', async () => {
    const { bookingId } = await booking();
    const lanesOf = async (count: number, details = {}) => {
      const lanes = [];
      for (let each = 0; each < count; each += 1)
        lanes.push(await storePaymentEvent(db, externalPaymentFor({ bookingId }, details)));
      return { direct: lanes.filter((lane) => lane === 'direct').length, of: count };
    };
    expect(await lanesOf(40, { amount: 1 })).toEqual({ direct: 20, of: 40 });
    expect(await lanesOf(40)).toEqual({ direct: 20, of: 40 });
    expect(await lanesOf(1, { currency: 'EUR' })).toEqual({ direct: 0, of: 1 });

    // Of two bookings each has its turn, however many reports the other has.
    const other = await booking();
    const [late] = [externalPaymentFor(other)];
    await storePaymentEvent(db, late);
    await db('received_payment_events')
      .where({ booking_id: other.bookingId })
      .update({ delivered_at: null });
    const turns = await listWaitingEvents(db, 2);
    expect(turns.map(({ payment }) => payment.bookingId)).toContain(other.bookingId);
    await db('received_payment_events').delete();
  });

  test('and is not on record for two minutes breaks a rule, unless a charge is under way', async () => {
    const { bookingId, customerId } = await booking();
    const payment = externalPaymentFor({ bookingId });
    await storePaymentEvent(db, payment);
    await db('received_payment_events').update({ received_at: new Date(Date.now() - 121_000) });
    expect(await auditBooks(db)).toMatchObject([
      { count: 1, examples: [`bank ${payment.providerPaymentId}`] },
    ]);
    const charge = { id: randomUUID(), booking_id: bookingId, customer_id: customerId };
    await db('payments').insert({
      ...charge,
      idempotency_key: 'k',
      request_fingerprint: 'f',
      status: 'processing',
      ...ADULT_PRICE,
      provider: 'sandbox',
    });
    expect(await auditBooks(db)).toEqual([]);
    await db('received_payment_events').delete();
  });
});

test('a booking that was booked with money that our provider never took breaks a rule', async () => {
  const { bookingId } = await booking();
  const payment = externalPaymentFor({ bookingId }, { provider: 'sandbox' });
  await confirmWithExternalPayment(db, payment);
  expect(await auditBooks(db)).toMatchObject([
    { invariant: expect.stringContaining('in its books'), count: 1 },
  ]);
  await db('sandbox_provider.payment_intents').insert({
    id: payment.providerPaymentId,
    idempotency_key: randomUUID(),
    booking_id: bookingId,
    ...ADULT_PRICE,
    payment_method: 'pm_card_visa',
    status: 'captured',
    captured_at: new Date(),
  });
  expect(await auditBooks(db)).toEqual([]);
});

describe('our own charge, reported while its provider did not answer', () => {
  const key = 'spi_of-our-own';

  /** A charge that is under way, and a report of it that is on record as not found. */
  async function reportedTooEarly() {
    const request = await booking();
    const payment = paymentFor(request);
    await startPayment(db, payment, 'sandbox');
    const providerPaymentId = `${key}/${payment.paymentId}`;
    const reported = externalPaymentFor(request, { provider: 'sandbox', providerPaymentId });
    await recordUnappliedPayments(db, [{ payment: reported, reason: 'provider_silent' }], OURS);
    expect(await statuses(request)).toEqual(['not_found', 'processing']);
    return { request, payment, providerPaymentId };
  }

  const statuses = async ({ bookingId }: { bookingId: string }) =>
    (await db('payments').where({ booking_id: bookingId }).pluck('status')).sort();

  test('sells the seats', async () => {
    const { request, payment, providerPaymentId } = await reportedTooEarly();
    expect(await confirmWithCardPayment(db, payment, providerPaymentId)).toMatchObject({
      outcome: 'captured',
    });
    expect(await statuses(request)).toEqual(['captured', 'not_found']);
    await settleWithProvider(db);
  });

  test('is reserved', async () => {
    const { request, payment, providerPaymentId } = await reportedTooEarly();
    const { paymentId } = payment;
    await recordAuthorization(db, { paymentId, providerPaymentId });
    expect(await statuses(request)).toEqual(['authorized', 'not_found']);
  });

  test('goes back, where it pays for nothing', async () => {
    const { request, payment, providerPaymentId } = await reportedTooEarly();
    const taken = { provider: 'sandbox', providerPaymentId, reason: 'late' };
    expect(await recordUnappliedCapture(db, payment, taken)).toBe('owed_back');
    expect(await statuses(request)).toEqual(['captured', 'not_found']);
    await settleWithProvider(db);
  });

  test('does not take the place of another one’s money', async () => {
    const { request, payment, providerPaymentId } = await reportedTooEarly();
    await db('payments').where({ status: 'not_found', booking_id: request.bookingId }).delete();
    const other = await booking();
    const reported = externalPaymentFor(other, { provider: 'sandbox', providerPaymentId });
    await recordUnappliedPayments(db, [{ payment: reported, reason: 'late' }], OURS);
    await expect(confirmWithCardPayment(db, payment, providerPaymentId)).rejects.toMatchObject({
      constraint: 'payments_provider_provider_payment_id_key',
    });
    await settleWithProvider(db);
  });
});
