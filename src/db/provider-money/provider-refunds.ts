import type { ReportedRefund } from '../../temporal/contracts/provider-reports';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { postProviderMove, postRefundReversal, sumOfProviderRefunds } from '../ledger/ledger';
import type { CapturedPayment } from '../payments/captured-payment';
import type ProviderRefunds from '../rows/public/ProviderRefunds';
import type Refunds from '../rows/public/Refunds';

/**
 * Stores what a provider reports of a refund, in any order and however often. A failed refund stays
 * failed; otherwise the newest report counts.
 */
export async function saveProviderRefund(trx: Db, report: ReportedRefund): Promise<void> {
  const { provider, providerPaymentId, providerRefundId, kind, refundId, status } = report;
  if (kind === 'total') return saveTotal(trx, report);
  const { amount, currency } = report;
  const told_at = new Date(report.toldAt);
  const ofPayment = { provider, provider_payment_id: providerPaymentId };
  const row = { refund_id: refundId, status, amount, currency, told_at };
  await trx('provider_refunds')
    .insert({ ...ofPayment, provider_refund_id: providerRefundId, kind, ...row })
    .onConflict(['provider', 'provider_refund_id'])
    .merge(row)
    .whereRaw(
      `provider_refunds.status <> 'failed'
       AND (excluded.status = 'failed' OR excluded.told_at >= provider_refunds.told_at)`,
    );
  // A total from before a failure includes the failed refund.
  if (status === 'failed')
    await trx('provider_refunds')
      .where({ ...ofPayment, kind: 'total' })
      .where('told_at', '<=', told_at)
      .delete();
}

/**
 * Stores the greatest total of refunds reported for a charge, less our own refund if it was on
 * record by then. Nothing else tells which of the two a total includes.
 */
async function saveTotal(
  trx: Db,
  {
    provider,
    providerPaymentId,
    providerRefundId,
    amount: total,
    currency,
    toldAt,
  }: ReportedRefund,
): Promise<void> {
  const ofPayment = { provider, provider_payment_id: providerPaymentId };
  const told_at = new Date(toldAt);
  const failedSince = await trx('provider_refunds')
    .where({ ...ofPayment, status: 'failed' })
    .where('told_at', '>=', told_at)
    .first('provider_refund_id');
  if (failedSince !== undefined) return;
  const payment = await trx('payments').where(ofPayment).first('id');
  const own = payment === undefined ? [] : await trx('refunds').where({ payment_id: payment.id });
  const amount = total - own.reduce((sum, refund) => sum + refund.amount, 0);
  if (amount <= 0) return;
  const row = { status: 'succeeded', amount, currency, told_total: total, told_at };
  await trx('provider_refunds')
    .insert({ ...ofPayment, provider_refund_id: providerRefundId, kind: 'total', ...row })
    .onConflict(['provider', 'provider_refund_id'])
    .merge(row)
    .whereRaw('excluded.told_total > provider_refunds.told_total');
}

/** A refund of ours that failed after it had succeeded: its money is owed again. */
export interface RefundOwedAgain {
  paymentId: string;
  /** Of a refund that belongs to a change: its ID. The final one of a payment has none. */
  refundId?: string;
}

/**
 * Posts what the provider refunded of a captured payment without us, as far as it isn't posted yet,
 * and reverses what failed. `reference` is the provider's own ID of the latest report.
 *
 * A refund of ours that failed after it had succeeded is owed again, and left to an operator: its
 * posting is reversed. Returns those. Safe to repeat.
 */
export async function postProviderRefunds(
  trx: Db,
  payment: CapturedPayment,
  reference: string | undefined,
): Promise<RefundOwedAgain[]> {
  const { provider, providerPaymentId, paymentId, bookingId, money } = payment;
  const reported = await trx('provider_refunds')
    .where({ provider, provider_payment_id: providerPaymentId })
    .update({ payment_id: paymentId })
    .returning('*');
  if (reported.length === 0) return [];
  const ours = await trx('refunds').where({ payment_id: paymentId });
  const ownOf = ({ refund_id, provider_refund_id }: ProviderRefunds) =>
    ours.find((own) =>
      [own.id, own.provider_refund_id].some((id) => isOneOf(id, [refund_id, provider_refund_id])),
    );
  const isOwn = (refund: ProviderRefunds) => ownOf(refund) !== undefined;
  const known = reported.filter(({ currency }) => currency === money.currency);
  const others = known.filter((refund) => !isOwn(refund));
  const change = sumWithoutUs(others) - (await sumOfProviderRefunds(trx, paymentId));
  if (change !== 0) {
    const kind = change > 0 ? 'provider_refund' : 'provider_refund_reversed';
    const cause = reference ?? others.at(-1)?.provider_refund_id ?? paymentId;
    const moved = { amount: Math.abs(change), currency: money.currency };
    await postProviderMove(trx, { kind, payment, reference: cause, money: moved });
    const type = change > 0 ? 'refunded_by_provider' : 'refund_failed';
    const messageId = `${provider}/${cause}/${type}`;
    if (bookingId !== null)
      await appendEvent(trx, {
        bookingId,
        type,
        actor: { kind: 'payment_provider', id: provider },
        messageId,
      });
  }

  const failures = known.filter((refund) => refund.status === 'failed' && isOwn(refund));
  const owedAgain: RefundOwedAgain[] = [];
  for (const failed of failures) {
    const own = ownOf(failed);
    if (own === undefined || !(await reopen(trx, payment, failed, own))) continue;
    owedAgain.push({ paymentId, ...(own.change_id === null ? {} : { refundId: own.id }) });
  }
  return owedAgain;
}

/** Reopens a refund of ours that failed after it had succeeded. Returns whether it is owed again. */
async function reopen(
  trx: Db,
  { paymentId, bookingId, provider }: CapturedPayment,
  failed: ProviderRefunds,
  own: Refunds,
): Promise<boolean> {
  // Money that an operator has returned by hand does not depend on the refund that failed.
  const reopened = await trx('refunds')
    .where({ id: own.id, status: 'succeeded' })
    .where({ provider_refund_id: failed.provider_refund_id })
    .whereNull('settled_by')
    .update({ status: 'needs_operator' });
  // A repeated activity finds it open: the caller has it resumed.
  if (reopened === 0) return own.status === 'needs_operator';
  const refundId = own.change_id === null ? null : own.id;
  await postRefundReversal(trx, paymentId, failed.provider_refund_id, refundId);
  const messageId = `${provider}/${failed.provider_refund_id}/refund_failed`;
  if (bookingId !== null)
    await appendEvent(trx, {
      bookingId,
      type: 'refund_failed',
      actor: { kind: 'payment_provider', id: provider },
      messageId,
    });
  return true;
}

function isOneOf(id: string | null, ids: (string | null)[]): boolean {
  return id !== null && ids.includes(id);
}

/**
 * Returns what was refunded besides our own refund: the sum of single refunds, or the reported
 * total, whichever is greater.
 */
function sumWithoutUs(
  others: readonly Pick<ProviderRefunds, 'kind' | 'status' | 'amount'>[],
): number {
  const sumOf = (kind: string) =>
    others
      .filter((refund) => refund.kind === kind && refund.status !== 'failed')
      .reduce((sum, { amount }) => sum + amount, 0);
  return Math.max(sumOf('refund'), sumOf('total'));
}
