import { UNDER_WAY, type PaymentStatus } from '../../domain/payment';
import type { ReportedDispute, ReportedRefund } from '../../temporal/contracts/provider-reports';
import type { Db } from '../connection';
import { lockSql } from '../named-lock';
import type { CapturedPayment, ProviderPaymentKey } from '../payments/captured-payment';
import { run, statement } from '../statement';
import { postDisputes, saveDispute } from './disputes';
import { postProviderRefunds, saveProviderRefund, type RefundOwedAgain } from './provider-refunds';

/**
 * Records what a provider reports of a dispute, and posts the funds that it moved.
 *
 * Safe to repeat, and in any order: also before our payment is on record, and for payments that we
 * don't know.
 */
export async function recordDispute(db: Db, report: ReportedDispute): Promise<void> {
  await db.transaction(async (trx) => {
    await lockProviderPayment(trx, report);
    await saveDispute(trx, report);
    await postProviderMoney(trx, report, report.providerDisputeId);
  });
}

/**
 * Records what a provider reports of a refund, and posts it if it wasn't ours. Safe as above.
 *
 * Returns the refunds of ours that turn out to have failed: they are owed again.
 */
export async function recordProviderRefund(
  db: Db,
  report: ReportedRefund,
): Promise<RefundOwedAgain[]> {
  return db.transaction(async (trx) => {
    await lockProviderPayment(trx, report);
    await saveProviderRefund(trx, report);
    // Totals of one charge are identified by when they were reported.
    const { kind, providerRefundId, toldAt } = report;
    const reference = kind === 'total' ? `${providerRefundId}@${toldAt}` : providerRefundId;
    return postProviderMoney(trx, report, reference);
  });
}

/**
 * Posts what a provider has reported of a captured payment; does nothing for any other.
 *
 * Called in the transaction that captures or refunds the payment, and in the one that records the
 * report. Returns the refunds of ours that turn out to have failed. Safe to repeat.
 */
export async function postProviderMoney(
  trx: Db,
  { provider, providerPaymentId }: ProviderPaymentKey,
  reference?: string,
): Promise<RefundOwedAgain[]> {
  const row = await trx('payments')
    .where({ provider, provider_payment_id: providerPaymentId, status: 'captured' })
    .first();
  if (row === undefined) return [];
  const payment: CapturedPayment = {
    provider,
    providerPaymentId,
    paymentId: row.id,
    bookingId: row.booking_id,
    money: { amount: row.amount, currency: row.currency },
  };
  await postDisputes(trx, payment);
  return postProviderRefunds(trx, payment, reference);
}

/**
 * Lets one transaction at a time post what a provider did to a payment. If one captures it and one
 * records a dispute of it, the later sees what the earlier wrote.
 *
 * Locks the provider's ID of the payment, which may not be on record yet, and the payment's row.
 * Must be called before the transaction locks the row otherwise. Rows of `not_found` payments are
 * left to the transaction that finds them.
 */
export async function lockProviderPayment(trx: Db, key: ProviderPaymentKey): Promise<void> {
  await run(trx, LOCK_PROVIDER_KEY, [key.provider, key.providerPaymentId]);
  await trx('payments')
    .where({ provider: key.provider, provider_payment_id: key.providerPaymentId })
    .whereIn('status', [...UNDER_WAY, 'captured'] satisfies PaymentStatus[])
    .forNoKeyUpdate()
    .first('id');
}

const LOCK_PROVIDER_KEY = statement<object, [provider: string, providerPaymentId: string]>(
  'lock_provider_key',
  `SELECT ${providerKeyLockSql('$1::text', '$2::text')}`,
);

/**
 * Locks the provider's ID of a payment, for a transaction that locks the payment's row itself. Takes
 * two SQL expressions. Locks nothing where the ID is null.
 */
export function providerKeyLockSql(provider: string, providerPaymentId: string): string {
  return lockSql(`'provider-payment/' || ${provider} || '/' || ${providerPaymentId}`);
}

/** Whether the provider of a row of `payments` has reported a dispute or a refund of it. */
export const HAS_PROVIDER_MONEY_SQL = `
  (EXISTS (SELECT FROM disputes d WHERE (d.provider, d.provider_payment_id) =
     (payments.provider, payments.provider_payment_id))
   OR EXISTS (SELECT FROM provider_refunds r WHERE (r.provider, r.provider_payment_id) =
     (payments.provider, payments.provider_payment_id)))`;

/**
 * Posts disputes and refunds that the provider reported before the payment was recorded as
 * captured. Called in the transaction that records it. Safe to repeat.
 */
export async function postEarlierProviderMoney(
  trx: Db,
  payment: ProviderPaymentKey,
): Promise<void> {
  await lockProviderPayment(trx, payment);
  await postProviderMoney(trx, payment);
}
