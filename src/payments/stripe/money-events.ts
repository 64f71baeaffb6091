import { z } from 'zod';
import type { DisputeStatus } from '../../domain/payment';
import type { ProviderDispute, ProviderRefund } from '../../domain/provider-money';
import { Currency } from './intent';

/** What Stripe reports of money that it moved: disputes, and refunds, ours and those requested at Stripe. */

/** Stripe sends an object's ID, or the whole object if that was requested. */
const Reference = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish();

const Amount = z.int().min(1);

const Dispute = z.object({
  id: z.string().min(1),
  amount: Amount,
  currency: Currency,
  payment_intent: Reference,
  charge: Reference,
  status: z.string(),
  reason: z.string().nullish(),
});

const Refund = z.object({
  id: z.string().min(1),
  amount: Amount,
  currency: Currency,
  payment_intent: Reference,
  charge: Reference,
  status: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

/** A charge with the sum of its refunds: this event names none of them. */
const RefundedCharge = z.object({
  id: z.string().min(1),
  amount_refunded: Amount,
  currency: Currency,
  payment_intent: Reference,
});

/** Reads an object of Stripe's. The caller decides which error a wrong shape is. */
type Read = <T>(shape: z.ZodType<T>, value: unknown) => T;

export function isDisputeEvent(type: string): boolean {
  return type.startsWith('charge.dispute.');
}

export function isRefundEvent(type: string): boolean {
  return type.startsWith('refund.') || type === 'charge.refund.updated';
}

export const REFUNDED_CHARGE = 'charge.refunded';

/** Reads the dispute of an event; undefined where it names no payment. */
export function readDispute(
  type: string,
  object: unknown,
  read: Read,
): ProviderDispute | undefined {
  const { id, status, amount, currency, reason, ...of } = read(Dispute, object);
  const providerPaymentId = of.payment_intent ?? of.charge;
  if (!providerPaymentId) return undefined;
  return {
    providerDisputeId: id,
    providerPaymentId,
    status: disputeStatusOf(status),
    amount,
    currency,
    reason: reason ?? null,
    movement: movementOf(type),
  };
}

/** Reads the refund of an event; undefined where it names no payment. */
export function readRefund(object: unknown, read: Read): ProviderRefund | undefined {
  const { id, status, amount, currency, metadata, ...of } = read(Refund, object);
  const providerPaymentId = of.payment_intent ?? of.charge;
  if (!providerPaymentId) return undefined;
  return {
    kind: 'refund',
    providerRefundId: id,
    providerPaymentId,
    refundId: metadata?.refundId ?? null,
    status: refundStatusOf(status ?? ''),
    amount,
    currency,
  };
}

/** Reads how much of a charge has been refunded by now. */
export function readRefundedCharge(object: unknown, read: Read): ProviderRefund {
  const { id, amount_refunded: amount, currency, payment_intent } = read(RefundedCharge, object);
  return {
    kind: 'total',
    providerRefundId: id,
    providerPaymentId: payment_intent ?? id,
    refundId: null,
    status: 'succeeded',
    amount,
    currency,
  };
}

/**
 * Returns our status for one of Stripe's. A closed inquiry and a prevented dispute took nothing
 * from us. Every other status that is neither won nor lost may still go either way, including an
 * appeal.
 *
 * @see https://docs.stripe.com/disputes/how-disputes-work
 */
function disputeStatusOf(status: string): DisputeStatus {
  if (['won', 'warning_closed', 'prevented'].includes(status)) return 'won';
  return status === 'lost' ? 'lost' : 'open';
}

function movementOf(type: string): ProviderDispute['movement'] {
  if (type === 'charge.dispute.funds_withdrawn') return 'withdrawn';
  return type === 'charge.dispute.funds_reinstated' ? 'reinstated' : null;
}

function refundStatusOf(status: string): ProviderRefund['status'] {
  if (status === 'failed' || status === 'canceled') return 'failed';
  return status === 'succeeded' ? 'succeeded' : 'pending';
}
