import type { CapturedPart, RefundPart } from '../../domain/changes/refund-split';
import type { Db } from '../connection';
import { isDisputed } from '../provider-money/disputes';
import { createRefund, operatorReasonOf } from './refunds';

/** A capture that pays for a booking, or for a change of it. */
export interface AppliedCapture extends CapturedPart {
  currency: string;
  provider: string;
  /** True when we made the charge; false when another service did, and reported it. */
  isOwnCharge: boolean;
}

/** Lists what was captured for a booking and its changes, and what of it goes back; newest first. */
export async function listCaptures(trx: Db, bookingId: string): Promise<AppliedCapture[]> {
  const { rows } = await trx.raw<{ rows: AppliedCapture[] }>(
    `SELECT p.id AS "paymentId", p.amount AS captured, p.currency, p.provider,
       p.customer_id IS NOT NULL AS "isOwnCharge",
       CAST(coalesce((SELECT sum(r.amount) FROM refunds r WHERE r.payment_id = p.id), 0) AS bigint)
         AS refunded
     FROM payments p WHERE p.booking_id = ? AND p.applied
     ORDER BY p.captured_at DESC, p.id`,
    [bookingId],
  );
  return rows;
}

export interface PartsOwed {
  owed: readonly RefundPart[];
  reason: string;
  /** The change that they belong to; none for a cancellation. */
  changeId?: string;
  /** The providers that we can ask for a refund ourselves. */
  ourProviders: readonly string[];
}

/** Commits the intent to refund each part, in the transaction that makes them due. */
export async function refundParts(
  trx: Db,
  captures: readonly AppliedCapture[],
  { owed, reason, changeId, ourProviders }: PartsOwed,
): Promise<void> {
  for (const { paymentId, amount } of owed) {
    const capture = captures.find((one) => one.paymentId === paymentId);
    if (capture === undefined) throw new Error(`Bug: payment ${paymentId} is no capture`);
    const whyOperator = (await isDisputed(trx, paymentId))
      ? 'disputed'
      : operatorReasonOf(capture, ourProviders);
    const money = { amount, currency: capture.currency };
    await createRefund(trx, {
      paymentId,
      money,
      reason,
      whyOperator,
      ...(changeId === undefined ? {} : { changeId }),
    });
  }
}

/** Lists the payments of a booking whose final refund is open, newest first. */
export async function listOpenFinalRefunds(trx: Db, bookingId: string): Promise<string[]> {
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    `SELECT p.id FROM payments p JOIN refunds r ON r.payment_id = p.id
     WHERE p.booking_id = ? AND p.applied AND r.change_id IS NULL AND r.status <> 'succeeded'
     ORDER BY p.captured_at DESC, p.id`,
    [bookingId],
  );
  return rows.map(({ id }) => id);
}
