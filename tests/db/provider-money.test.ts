import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { readBooking } from '../../src/db/bookings/booking-view';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { recordAuthorization, startPayment } from '../../src/db/payments/card-payments';
import { readPayment } from '../../src/db/payments/payment-view';
import { isDisputed } from '../../src/db/provider-money/disputes';
import { recordDispute, recordProviderRefund } from '../../src/db/provider-money/provider-money';
import { recordRefund, recordSettlement, refundIdOf } from '../../src/db/refunds/refunds';
import type { Payment } from '../../src/domain/payment';
import type {
  ReportedDispute,
  ReportedRefund,
} from '../../src/temporal/contracts/provider-reports';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale } from '../support/flights';
import { eventsOf, hold, ledgerOf } from './inventory';

/**
 * Money that moves at the provider without us is in our books once, in whatever order we hear of
 * it.
 */

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

/**
 * A charge of ours at Stripe, authorized; `confirm` captures it and sells the seat. Charges that are
 * made in one call have Stripe's ID on record only then.
 */
async function authorized(idOnRecord: 'by authorization' | 'by capture' = 'by authorization') {
  const request = await hold(db, await putFlightOnSale(db, { seats: 1 }));
  const payment = paymentFor(request);
  const { paymentId, bookingId } = payment;
  const providerPaymentId = `pi_${randomUUID()}`;
  await startPayment(db, payment, 'stripe');
  if (idOnRecord === 'by authorization')
    await recordAuthorization(db, { paymentId, providerPaymentId });
  const known = idOnRecord === 'by capture' ? providerPaymentId : undefined;
  const confirm = () => confirmWithCardPayment(db, payment, known);
  return { bookingId, paymentId, providerPaymentId, confirm };
}

async function sold() {
  const { confirm, ...sale } = await authorized();
  await confirm();
  return sale;
}

interface OfPayment {
  providerPaymentId: string;
}

/** Some second, `at` seconds after the first. */
const second = (at: number) => new Date(1_795_000_000_000 + at * 1_000).toISOString();

function disputeOf({ providerPaymentId }: OfPayment, id = `dp_${randomUUID()}`) {
  return (at: number, details: Partial<ReportedDispute> = {}): ReportedDispute => ({
    provider: 'stripe',
    providerDisputeId: id,
    providerPaymentId,
    status: 'open',
    amount: 12_000,
    currency: 'USD',
    reason: 'fraudulent',
    movement: null,
    toldAt: second(at),
    ...details,
  });
}

function refundOf({ providerPaymentId }: OfPayment, id = `re_${randomUUID()}`) {
  return (at: number, details: Partial<ReportedRefund> = {}): ReportedRefund => ({
    provider: 'stripe',
    kind: 'refund',
    providerRefundId: id,
    providerPaymentId,
    refundId: null,
    status: 'succeeded',
    amount: 12_000,
    currency: 'USD',
    toldAt: second(at),
    ...details,
  });
}

/** Every order of the given; and each as often as it is told. */
function orders<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((one, index) =>
    orders([...all.slice(0, index), ...all.slice(index + 1)]).map((rest) => [one, ...rest]),
  );
}

const SALE = { 'liability:taxes': expect.any(Number), 'revenue:fares': expect.any(Number) };

/** Cancels as the airline: all of it is owed back. */
async function cancel({ bookingId }: { bookingId: string }) {
  const requestedAt = new Date();
  const terms = { asOperator: true, actor: 'op-7', requestedAt, ourProviders: ['stripe'] };
  return (await cancelBookedBooking(db, bookingId, terms)).booking;
}

describe('a dispute', () => {
  const tell = (reports: ReportedDispute[]) =>
    reports.reduce(
      (before, report) => before.then(() => recordDispute(db, report)),
      Promise.resolve(),
    );

  test.each(['won', 'lost'] as const)(
    'that ends as %s stands so, whatever order its events come in, and though each comes twice',
    async (end) => {
      const isWon = end === 'won';
      for (const order of orders([0, 1, 2, 3])) {
        const sale = await sold();
        const report = disputeOf(sale);
        const reports = [
          report(0),
          report(0, { movement: 'withdrawn' }),
          report(9, { status: end }),
          report(9, isWon ? { status: end, movement: 'reinstated' } : { status: end }),
        ];
        await tell(order.map((index) => reports[index]!));
        await tell(order.map((index) => reports[index]!));
        expect((await readPayment(db, sale.paymentId))?.dispute).toEqual({
          status: end,
          amount: 12_000,
          currency: 'USD',
        });
        expect(await ledgerOf(db, sale.bookingId)).toMatchObject({
          ...SALE,
          'disputed:stripe': isWon ? 0 : 12_000,
          'receivable:stripe': isWon ? 12_000 : 0,
        });
        const events = (await eventsOf(db, sale.bookingId)).filter((type) =>
          type.includes('dispute'),
        );
        expect(events.toSorted()).toEqual([`dispute_${end}`, 'payment_disputed']);
        expect((await readBooking(db, sale.bookingId))?.booking.status).toBe('booked');
      }
    },
  );

  describe.each(['by authorization', 'by capture'] as const)(
    'of a charge whose ID is on record %s, that is told of',
    (idOnRecord) => {
      test('before its payment is ours is booked with it', async () => {
        const { confirm, ...sale } = await authorized(idOnRecord);
        await tell([disputeOf(sale)(0, { movement: 'withdrawn' })]);
        expect(await isDisputed(db, sale.paymentId)).toBe(false);
        const { payment } = (await confirm()) as { payment: Payment };
        expect(payment.dispute).toMatchObject({ status: 'open' });
        expect(await confirm()).toMatchObject({ payment });
        expect(await isDisputed(db, sale.paymentId)).toBe(true);
        expect(await ledgerOf(db, sale.bookingId)).toMatchObject({ 'disputed:stripe': 12_000 });
      });

      test('in the very moment in which its payment is captured is booked once', async () => {
        for (let time = 0; time < 20; time += 1) {
          const { confirm, ...sale } = await authorized(idOnRecord);
          await Promise.all([confirm(), tell([disputeOf(sale)(0, { movement: 'withdrawn' })])]);
          expect(await isDisputed(db, sale.paymentId)).toBe(true);
          expect(await ledgerOf(db, sale.bookingId)).toMatchObject({ 'disputed:stripe': 12_000 });
        }
      });
    },
  );

  test('of a payment that we never heard of is kept, and posted nowhere', async () => {
    const report = disputeOf({ providerPaymentId: 'pi_of_nobody' })(0, { movement: 'withdrawn' });
    await tell([report, report]);
    const { providerDisputeId: provider_dispute_id } = report;
    expect(await db('disputes').where({ provider_dispute_id })).toMatchObject([
      { payment_id: null, status: 'open' },
    ]);
  });

  test.each([
    ['open', 'needs_operator'],
    ['lost', 'needs_operator'],
    ['won', 'pending'],
  ] as const)('that is %s: the refund of a cancelled booking is %s', async (status, refund) => {
    const sale = await sold();
    await tell([disputeOf(sale)(0, { status })]);
    expect(await cancel(sale)).toMatchObject({ status: 'cancelled', refund: { status: refund } });
  });
});

describe('a refund that we did not ask for', () => {
  const tell = async (...reports: ReportedRefund[]) => {
    for (const report of reports) await recordProviderRefund(db, report);
  };
  const totalOf = (sale: OfPayment, at: number, amount: number) =>
    refundOf(sale, `ch_${sale.providerPaymentId}`)(at, { kind: 'total', amount });

  test('is posted once, in whatever order and form it is told; the booking stays booked', async () => {
    for (const order of orders([0, 1, 2])) {
      const sale = await sold();
      const refund = refundOf(sale);
      const reports = [refund(0, { status: 'pending' }), refund(1), totalOf(sale, 1, 12_000)];
      const told = order.map((index) => reports[index]!);
      await tell(...told, ...told);
      expect(await ledgerOf(db, sale.bookingId)).toMatchObject({
        'suspense:provider_refunds': 12_000,
        'receivable:stripe': 0,
      });
      const events = await eventsOf(db, sale.bookingId);
      expect(events.filter((type) => type === 'refunded_by_provider')).toHaveLength(1);
      expect((await readBooking(db, sale.bookingId))?.booking.status).toBe('booked');
    }
  });

  test('in parts adds up, also where only sums are told', async () => {
    const sale = await sold();
    await tell(totalOf(sale, 0, 5_000), totalOf(sale, 1, 7_000), totalOf(sale, 0, 5_000));
    await tell(refundOf(sale)(0, { amount: 5_000 }), refundOf(sale)(1, { amount: 2_000 }));
    expect(await ledgerOf(db, sale.bookingId)).toMatchObject({
      'suspense:provider_refunds': 7_000,
    });
  });

  test('that fails after all is taken back, and stays so', async () => {
    const sale = await sold();
    const refund = refundOf(sale);
    const failed = refund(2, { status: 'failed' });
    await tell(refund(0), totalOf(sale, 1, 12_000), failed, failed, refund(1));
    expect(await ledgerOf(db, sale.bookingId)).toMatchObject({
      'suspense:provider_refunds': 0,
      'receivable:stripe': 12_000,
    });
  });

  test('explains what a person settles: the money left the provider once', async () => {
    const sale = await sold();
    await tell(refundOf(sale)(0));
    await cancel(sale);
    await recordSettlement(db, sale.paymentId, {
      settledBy: 'op-7',
      note: 'Given back at Stripe.',
    });
    expect(await ledgerOf(db, sale.bookingId)).toMatchObject({
      'suspense:provider_refunds': 0,
      'receivable:stripe': 0,
      'liability:refunds': 0,
    });
  });

  test('is told before its payment is ours, and booked with it', async () => {
    const { confirm, ...sale } = await authorized();
    await tell(refundOf(sale)(0), refundOf({ providerPaymentId: 'pi_of_nobody' })(0));
    await confirm();
    expect(await ledgerOf(db, sale.bookingId)).toMatchObject({
      'suspense:provider_refunds': 12_000,
    });
  });
});

describe('a refund of ours', () => {
  /** A cancelled booking, and how the provider tells of its refund. */
  async function cancelled() {
    const sale = await sold();
    await cancel(sale);
    const refundId = refundIdOf(sale.paymentId);
    const id = `re_${refundId}`;
    const refund = (at: number, status: ReportedRefund['status']) =>
      refundOf(sale, id)(at, { refundId, status });
    const statusOf = async () => (await db('refunds').where({ id: refundId }).first())?.status;
    return { ...sale, id, refund, statusOf };
  }

  test('that the provider tells of, before or after we note it, is posted as ours alone', async () => {
    const { paymentId, bookingId, id, refund } = await cancelled();
    await recordProviderRefund(db, refund(0, 'pending'));
    await recordRefund(db, paymentId, id);
    await recordProviderRefund(db, refund(1, 'succeeded'));
    await recordProviderRefund(db, {
      ...refund(1, 'succeeded'),
      kind: 'total',
      providerRefundId: `ch_${id}`,
    });
    expect(await ledgerOf(db, bookingId)).toMatchObject({
      'receivable:stripe': 0,
      'liability:refunds': 0,
    });
    expect(await ledgerOf(db, bookingId)).not.toHaveProperty('suspense:provider_refunds');
  });

  test('that fails after it had succeeded is owed again, once, until a person settles it', async () => {
    const { paymentId, bookingId, id, refund, statusOf } = await cancelled();
    expect(await recordRefund(db, paymentId, id)).toBe(true);
    for (let time = 0; time < 2; time += 1)
      expect(await recordProviderRefund(db, refund(2, 'failed'))).toEqual([{ paymentId }]);
    // A provider that is asked again names the refund that has failed.
    expect(await recordRefund(db, paymentId, id)).toBe(false);
    expect(await statusOf()).toBe('needs_operator');
    expect(await ledgerOf(db, bookingId)).toMatchObject({
      'receivable:stripe': 12_000,
      'liability:refunds': -12_000,
    });
    expect(await auditBooks(db)).toEqual([]);

    await recordSettlement(db, paymentId, { settledBy: 'op-7', note: 'By bank.' });
    expect(await recordProviderRefund(db, refund(2, 'failed'))).toEqual([]);
    expect(await statusOf()).toBe('succeeded');
    expect(await ledgerOf(db, bookingId)).toMatchObject({
      'receivable:stripe': 0,
      'liability:refunds': 0,
    });
    const events = await eventsOf(db, bookingId);
    expect(events.filter((type) => type === 'refund_failed')).toHaveLength(1);
  });

  test('whose failure is told before we could note that it was taken on stays open', async () => {
    const { paymentId, id, refund, statusOf } = await cancelled();
    await recordProviderRefund(db, refund(2, 'failed'));
    expect(await recordRefund(db, paymentId, id)).toBe(false);
    expect(await statusOf()).toBe('needs_operator');
  });
});

describe('the audit', () => {
  /** Does what no transaction of ours could, and undoes it after the audit has seen it. */
  async function audited(fault: (trx: Db) => Promise<unknown>): Promise<string[]> {
    await db.transaction(async (trx) => {
      await trx.raw('SET LOCAL session_replication_role = replica');
      await fault(trx);
    });
    return (await auditBooks(db)).map(({ invariant }) => invariant);
  }

  test('finds funds of a dispute, and refunds by the provider, that are not posted', async () => {
    const sale = await sold();
    const report = disputeOf(sale)(0);
    const refund = refundOf(sale)(0, { amount: 100 });
    await recordDispute(db, report);
    await recordProviderRefund(db, refund);
    const key = { provider_dispute_id: report.providerDisputeId };
    const move = (withdrawn_at: Date | null) => (trx: Db) =>
      trx('disputes').where(key).update({ withdrawn_at });
    const change = (amount: number) => (trx: Db) =>
      trx('provider_refunds')
        .where({ provider_refund_id: refund.providerRefundId })
        .update({ amount });
    expect(await audited(move(new Date()))).toEqual([
      'funds that a dispute moved are posted, and no others',
    ]);
    expect(await audited(move(null))).toEqual([]);
    expect(await audited(change(200))).toEqual(['what a provider gave back without us is posted']);
    expect(await audited(change(100))).toEqual([]);
  });
});
