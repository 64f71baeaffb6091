import { UNDER_WAY, type PaymentStatus } from '../../domain/payment';
import type { ReportedDispute, ReportedRefund } from '../../temporal/provider-reports';
import type { Db } from '../connection';
import type { CapturedPayment, ProviderPaymentKey } from '../payments/captured-payment';
import { bookDisputes, saveDispute } from './disputes';
import { bookProviderRefunds, saveProviderRefund } from './provider-refunds';

/**
 * Records what a provider says of a dispute, and posts the funds that it moved.
 *
 * Safe to repeat, and in any order: also before our payment is on record, and for payments that we
 * never heard of.
 */
export async function recordDispute(db: Db, report: ReportedDispute): Promise<void> {
  await db.transaction(async (trx) => {
    await lockProviderPayment(trx, report);
    await saveDispute(trx, report);
    await bookProviderMoney(trx, report, report.providerDisputeId);
  });
}

/**
 * Records what a provider says of a refund, and posts it where it wasn't ours. Safe as above.
 *
 * Returns the payment whose refund of ours turns out to have failed: it is owed again.
 */
export async function recordProviderRefund(
  db: Db,
  report: ReportedRefund,
): Promise<string | undefined> {
  return db.transaction(async (trx) => {
    await lockProviderPayment(trx, report);
    await saveProviderRefund(trx, report);
    // Sums of one charge are told apart by when they were told.
    const { kind, providerRefundId, toldAt } = report;
    const reference = kind === 'total' ? `${providerRefundId}@${toldAt}` : providerRefundId;
    return bookProviderMoney(trx, report, reference);
  });
}

/**
 * Books what a provider has told of a payment that is captured; nothing happens to any other.
 * Called in the transaction that captures or refunds it, and in that which records what was told.
 *
 * Returns the payment whose refund of ours turns out to have failed. Safe to repeat.
 */
export async function bookProviderMoney(
  trx: Db,
  { provider, providerPaymentId }: ProviderPaymentKey,
  reference?: string,
): Promise<string | undefined> {
  const row = await trx('payments')
    .where({ provider, provider_payment_id: providerPaymentId, status: 'captured' })
    .first();
  if (row === undefined) return undefined;
  const payment: CapturedPayment = {
    provider,
    providerPaymentId,
    paymentId: row.id,
    bookingId: row.booking_id,
    money: { amount: row.amount, currency: row.currency },
  };
  await bookDisputes(trx, payment);
  return (await bookProviderRefunds(trx, payment, reference)) ? row.id : undefined;
}

/**
 * Lets one transaction at a time book what a provider did to a payment: of one that captures it and
 * one that records a dispute of it, the later sees what the earlier wrote.
 *
 * Locks the payment's row, and, for payments that may not be on record yet, the provider's ID of
 * it. To be called before the transaction locks the row otherwise; rows of `not_found` payments are
 * left to the one that finds them. Selling the seats for a card payment needs no more than the row,
 * which has had the provider's ID since before the money was taken.
 */
export async function lockProviderPayment(
  trx: Db,
  { provider, providerPaymentId }: ProviderPaymentKey,
): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `provider-payment/${provider}/${providerPaymentId}`,
  ]);
  await trx('payments')
    .where({ provider, provider_payment_id: providerPaymentId })
    .whereIn('status', [...UNDER_WAY, 'captured'] satisfies PaymentStatus[])
    .forNoKeyUpdate()
    .first('id');
}

/**
 * A column of `payments` rows, as `was_told_of`: whether a provider told of a dispute or refund.
 */
export function wasToldOf(trx: Db) {
  return trx.raw<{ was_told_of: boolean }>(
    `(EXISTS (SELECT FROM disputes d WHERE (d.provider, d.provider_payment_id) =
        (payments.provider, payments.provider_payment_id))
      OR EXISTS (SELECT FROM provider_refunds r WHERE (r.provider, r.provider_payment_id) =
        (payments.provider, payments.provider_payment_id))) AS was_told_of`,
  );
}

/**
 * Books disputes and refunds that the provider told of before the payment was on record as
 * captured. Called in the transaction that puts it there. Safe to repeat.
 */
export async function bookWhatWasTold(trx: Db, payment: ProviderPaymentKey): Promise<void> {
  await lockProviderPayment(trx, payment);
  await bookProviderMoney(trx, payment);
}
