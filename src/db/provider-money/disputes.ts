import type { DisputeStatus } from '../../domain/payment';
import type { ReportedDispute } from '../../temporal/contracts/provider-reports';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { postProviderMove } from '../ledger/ledger';
import type { CapturedPayment } from '../payments/captured-payment';

/**
 * Stores what a provider reports of a dispute, in any order and however often. The newest report
 * counts; of two in one second, the one that closes the dispute. That funds moved is kept for good.
 *
 * A lost dispute took the funds, even if no event said so.
 */
export async function saveDispute(trx: Db, report: ReportedDispute): Promise<void> {
  const { provider, providerDisputeId, status, movement } = report;
  const key = { provider, provider_dispute_id: providerDisputeId };
  const known = await trx('disputes').where(key).first();
  const reportedAt = new Date(report.toldAt);
  const isWithdrawn = movement === 'withdrawn' || status === 'lost';
  const moves = {
    withdrawn_at: known?.withdrawn_at ?? (isWithdrawn ? reportedAt : null),
    reinstated_at: known?.reinstated_at ?? (movement === 'reinstated' ? reportedAt : null),
  };
  const { amount, currency, reason } = report;
  const reported = { status, amount, currency, reason, told_at: reportedAt };
  if (known === undefined) {
    const { providerPaymentId } = report;
    await trx('disputes').insert({
      ...key,
      provider_payment_id: providerPaymentId,
      ...reported,
      ...moves,
    });
    return;
  }
  const newerMs = reportedAt.getTime() - known.told_at.getTime();
  const isNewer = newerMs > 0 || (newerMs === 0 && status !== 'open');
  await trx('disputes')
    .where(key)
    .update(isNewer ? { ...reported, ...moves } : moves);
}

/**
 * Posts the funds that disputes of a captured payment moved, and records it in the booking's
 * events. Safe to repeat.
 */
export async function postDisputes(trx: Db, payment: CapturedPayment): Promise<void> {
  const { provider, providerPaymentId, paymentId, bookingId } = payment;
  const disputes = await trx('disputes')
    .where({ provider, provider_payment_id: providerPaymentId })
    .update({ payment_id: paymentId })
    .returning('*');
  for (const dispute of disputes) {
    const { provider_dispute_id: reference, amount, currency, reason } = dispute;
    const move = { payment, reference, money: { amount, currency } };
    if (dispute.withdrawn_at !== null)
      await postProviderMove(trx, { kind: 'dispute_withdrawn', ...move });
    if (dispute.reinstated_at !== null)
      await postProviderMove(trx, { kind: 'dispute_reinstated', ...move });
    if (bookingId === null) continue;
    const actor = { kind: 'payment_provider', id: provider } as const;
    const event = { bookingId, actor, reason: reason ?? undefined };
    const type = CLOSING_EVENTS[dispute.status as DisputeStatus];
    const messageId = `${provider}/${reference}`;
    await appendEvent(trx, { ...event, type: 'payment_disputed', messageId });
    if (type !== null)
      await appendEvent(trx, { ...event, type, messageId: `${messageId}/${type}` });
  }
}

const CLOSING_EVENTS = { open: null, won: 'dispute_won', lost: 'dispute_lost' } as const;

/**
 * Whether the payer's bank is taking a payment back, or has done so: if we refunded it as well, the
 * money would go back twice. A dispute that was won does not count.
 */
export async function isDisputed(db: Db, paymentId: string): Promise<boolean> {
  const dispute = await db('disputes')
    .where({ payment_id: paymentId })
    .whereNot({ status: 'won' satisfies DisputeStatus })
    .first('provider_dispute_id');
  return dispute !== undefined;
}
