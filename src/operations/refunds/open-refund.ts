import type { Db } from '../../db/connection';
import { findRefundSubject, type PaymentOnRecord } from '../../db/payments/record-view';
import { listRefundsOfPayment, type RefundOfPayment } from '../../db/refunds/payment-refunds-view';
import { formatMoney, type Money } from '../../domain/money';
import type { OpenRefundRef } from '../../temporal/clients/operator-actions';

/** A refund as operators name it: by its payment, and by its own ID if several are open. */
export interface NamedRefund {
  paymentId: string;
  refundId?: string | undefined;
}

/** The refund that an operator means, or why none is meant. */
export type ChosenRefund =
  | { kind: 'chosen'; ref: OpenRefundRef; refundId: string; money: Money }
  | { kind: 'refused'; why: string };

/**
 * Finds the refund of a payment that an operator acts on. A payment of a changed booking may have
 * several open ones: then only `refundId` says which of them. To choose one here could post money
 * that was never returned.
 */
export async function chooseOpenRefund(
  db: Db,
  { paymentId, status }: Pick<PaymentOnRecord, 'paymentId' | 'status'>,
  refundId?: string,
): Promise<ChosenRefund> {
  const refunds = await listRefundsOfPayment(db, paymentId);
  const named = refunds.filter((refund) => (refundId ?? refund.refundId) === refund.refundId);
  const [refund, ...others] = named.filter((each) => each.status !== 'succeeded');
  if (refunds.length === 0)
    return refused(`Nothing is owed of payment ${paymentId}: it is ${status}.`);
  if (refundId !== undefined && named.length === 0)
    return refused(`Payment ${paymentId} has no refund ${refundId}.`);
  if (refund === undefined)
    return refused(
      refundId === undefined
        ? `Payment ${paymentId} has been refunded already.`
        : `Refund ${refundId} of payment ${paymentId} has been made already.`,
    );
  if (others.length > 0)
    return refused(
      `Payment ${paymentId} has several open refunds. Name one of them: ` +
        `${[refund, ...others].map(describe).join('; ')}.`,
    );
  const changeRefundId = refund.isOfChange ? refund.refundId : null;
  const subject = await findRefundSubject(db, paymentId, changeRefundId ?? undefined);
  return {
    kind: 'chosen',
    ref: { paymentId, refundId: changeRefundId, subject },
    refundId: refund.refundId,
    money: refund.money,
  };
}

function describe({ refundId, money, reason, status }: RefundOfPayment): string {
  return `${refundId}, ${formatMoney(money)} (${reason}, ${status})`;
}

function refused(why: string): ChosenRefund {
  return { kind: 'refused', why };
}
