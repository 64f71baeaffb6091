import { SYSTEM } from '../../domain/booking-event';
import { isMoney } from '../../domain/payment';
import type { ExternalPayment } from '../../temporal/contracts/booking';
import type { RecordedPayment, Unapplied } from '../../temporal/contracts/external-payment';
import { externalPaymentId } from '../../temporal/external-payment-id';
import { appendEvents } from '../bookings/events';
import type { Db } from '../connection';
import { postCaptures } from '../ledger/ledger';
import { postEarlierProviderMoney } from '../provider-money/provider-money';
import { createRefunds, operatorReasonOf } from '../refunds/refunds';
import { recordReports } from './reports';

/** Of one booking, at most this many refunds that wait for an operator get a workflow. */
const MAX_WORKFLOWS_PER_BOOKING = 100;

/**
 * Records reported payments that pay for nothing, in one transaction and few statements. Returns
 * the results in the order of the payments.
 *
 * The money is refunded: by its provider if that is one of `ourProviders`, else by an operator. A
 * payment that our provider does not have is recorded as `not_found`, and nothing is owed.
 *
 * Safe to retry: each provider's payment is recorded once, and one that pays for something stays.
 */
export async function recordUnappliedPayments(
  db: Db,
  unapplied: readonly Unapplied[],
  ourProviders: readonly string[],
): Promise<RecordedPayment[]> {
  const payments = unapplied.map(({ payment }) => payment);
  return db.transaction(async (trx) => {
    // In the order in which a sale locks: first the booking, then the payment.
    await lockBookings(trx, payments);
    const openBefore = await countOpenRefunds(trx, payments);
    const rows = await recordReports(
      trx,
      unapplied.map(({ payment, reason }) => ({
        payment,
        status: isMoney(reason) ? 'captured' : 'not_found',
      })),
    );
    const reports = new Map(unapplied.map((one) => [externalPaymentId(one.payment), one]));
    await refundUnapplied(
      trx,
      rows.flatMap(({ id: paymentId, booking_id: bookingId }) => {
        const report = reports.get(paymentId);
        if (report === undefined) throw new Error(`Bug: payment ${paymentId} was not reported`);
        return isMoney(report.reason) ? [{ ...report, paymentId, bookingId }] : [];
      }),
      ourProviders,
    );
    for (const { provider, provider_payment_id: providerPaymentId } of rows)
      await postEarlierProviderMoney(trx, { provider, providerPaymentId });
    return readRecorded(trx, payments, openBefore);
  });
}

/** Records one unapplied external payment, as above. */
export async function recordUnappliedPayment(
  db: Db,
  payment: ExternalPayment,
  { reason, ourProviders }: { reason: Unapplied['reason']; ourProviders: readonly string[] },
): Promise<{ paymentId: string; isOwedBack: boolean }> {
  const [recorded] = await recordUnappliedPayments(db, [{ payment, reason }], ourProviders);
  if (recorded === undefined) throw new Error('Bug: a recorded payment vanished');
  return { paymentId: recorded.paymentId, isOwedBack: recorded.refund !== 'none' };
}

async function lockBookings(trx: Db, payments: readonly ExternalPayment[]): Promise<void> {
  await trx('bookings')
    .whereIn('id', bookingsOf(payments))
    .orderBy('id')
    .forKeyShare()
    .select('id');
}

function bookingsOf(payments: readonly ExternalPayment[]): string[] {
  return [...new Set(payments.map(({ bookingId }) => bookingId))];
}

interface UnappliedCapture extends Unapplied {
  paymentId: string;
  bookingId: string | null;
}

async function refundUnapplied(
  trx: Db,
  owed: readonly UnappliedCapture[],
  ourProviders: readonly string[],
): Promise<void> {
  const whyOperator = ({ payment }: UnappliedCapture) =>
    operatorReasonOf({ provider: payment.provider, isOwnCharge: false }, ourProviders);
  const moneyOf = ({ payment: { amount, currency } }: UnappliedCapture) => ({ amount, currency });
  await postCaptures(
    trx,
    owed.map((one) => ({
      paymentId: one.paymentId,
      bookingId: one.bookingId,
      provider: one.payment.provider,
      money: moneyOf(one),
      price: null,
    })),
  );
  await createRefunds(
    trx,
    owed.map((one) => ({
      paymentId: one.paymentId,
      money: moneyOf(one),
      reason: one.reason,
      whyOperator: whyOperator(one),
    })),
  );
  await appendEvents(
    trx,
    owed.flatMap((one) => {
      const { bookingId, reason, payment } = one;
      if (bookingId === null) return [];
      const why = whyOperator(one);
      const actor = { kind: 'payment_provider', id: payment.provider } as const;
      const notApplied = { type: 'payment_not_applied', actor, reason } as const;
      const toOperator = { type: 'refund_needs_operator', actor: SYSTEM } as const;
      return [
        { bookingId, ...notApplied },
        ...(why === null ? [] : [{ bookingId, ...toOperator, reason: why }]),
      ];
    }),
  );
}

/**
 * Counts refunds of these bookings that wait for an operator, up to the limit that matters here.
 */
async function countOpenRefunds(
  trx: Db,
  payments: readonly ExternalPayment[],
): Promise<Map<string, number>> {
  const { rows } = await trx.raw<{ rows: { id: string; open: number }[] }>(
    `SELECT b.id, (SELECT count(*) FROM (
       SELECT FROM payments p JOIN refunds r ON r.payment_id = p.id
       WHERE p.booking_id = b.id AND r.status = 'needs_operator' LIMIT ${MAX_WORKFLOWS_PER_BOOKING}
     ) counted) AS open
     FROM unnest(CAST(:bookings AS uuid[])) AS b (id)`,
    { bookings: bookingsOf(payments) },
  );
  return new Map(rows.map(({ id, open }) => [id, open]));
}

interface StandingRow {
  id: string;
  provider: string;
  provider_payment_id: string;
  booking_id: string | null;
  status: 'pending' | 'needs_operator' | null;
}

async function readRecorded(
  trx: Db,
  payments: readonly ExternalPayment[],
  openBefore: Map<string, number>,
): Promise<RecordedPayment[]> {
  const keys = payments.map(({ provider, providerPaymentId }) => [provider, providerPaymentId]);
  const rows = await trx('payments as p')
    .leftJoin('refunds as r', (join) =>
      join.on('r.payment_id', 'p.id').andOnVal('r.status', '<>', 'succeeded'),
    )
    .whereIn(['p.provider', 'p.provider_payment_id'], keys)
    .select<StandingRow[]>(
      'p.id',
      'p.provider',
      'p.provider_payment_id',
      'p.booking_id',
      'r.status',
    );
  const byKey = new Map(
    rows.map((row) => [JSON.stringify([row.provider, row.provider_payment_id]), row]),
  );
  const open = new Map(openBefore);
  return payments.map(({ provider, providerPaymentId }) => {
    const row = byKey.get(JSON.stringify([provider, providerPaymentId]));
    if (row === undefined) throw new Error('Bug: a recorded payment vanished');
    const { id: paymentId, booking_id: bookingId, status } = row;
    const before = open.get(bookingId ?? '') ?? 0;
    if (status === 'needs_operator' && bookingId !== null) open.set(bookingId, before + 1);
    return {
      paymentId,
      refund: status ?? 'none',
      isHandedOver:
        status === 'pending' || (status === 'needs_operator' && before < MAX_WORKFLOWS_PER_BOOKING),
    };
  });
}
