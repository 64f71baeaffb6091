import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { RefundStatus } from '../../domain/booking';
import type { ExternalPayment } from './booking';
import type { Retry, SignedRetry } from './retries';

/** Messages between the API, operators, workflows and refund workflows. Plain JSON. */

export const REFUND_WORKFLOW = 'refundWorkflow';

/**
 * Returns the ID of a refund workflow, given the payment whose final refund it is, or the refund of
 * a change. Each runs at most once at a time.
 */
export function refundWorkflowId(refundOrPaymentId: string): string {
  return `refund-${refundOrPaymentId}`;
}

/** Why money that another service took pays for nothing. */
export type UnappliedReason =
  'late' | 'amount_mismatch' | 'second_payment' | 'booking_cancelled' | 'unknown_booking';

/** The input of a refund workflow. */
export interface RefundRequest {
  paymentId: string;
  /** The refund of a change; none for the final one of the payment. */
  refundId?: string;
  /** Money that is not on record yet: it came when no workflow of its booking was running. */
  unapplied?: { payment: ExternalPayment; reason: UnappliedReason };
  /** Who has it started again, and why, if it was not automatic. */
  retry?: SignedRetry;
}

/**
 * The state of a refund, or how it ended. `nothing_owed` means that the provider took nothing, or
 * that the money pays for something.
 */
export interface RefundState {
  paymentId: string;
  status: RefundStatus | 'nothing_owed';
  /** Why an operator is needed; null when none is. */
  whyOperator: WhyOperator | null;
}

/** Why a request to a payment provider can't succeed, whichever card it is about. */
export type ProviderFault = 'provider_rejected' | 'provider_not_configured';

/**
 * `provider_silent` and `provider_rejected` are retried automatically; the others only when an
 * operator says so.
 */
export type WhyOperator =
  | 'provider_silent'
  | ProviderFault
  | 'foreign_provider'
  | 'not_found'
  | 'disagrees'
  | 'disputed'
  | 'refused';

export const refundState = defineQuery<RefundState>('refundState');

/** Who returned the money by hand, and how. */
export interface Settlement {
  settledBy: string;
  note: string;
}

/** Closes a refund that waits for an operator: the money has been returned by hand. */
export const settleRefund = defineUpdate<RefundState, [Settlement]>('settleRefund');

/** Asks the provider again about a refund that waits for an operator. Returns the result. */
export const retryRefund = defineUpdate<RefundState, [Retry]>('retryRefund');

export type RefundWorkflow = (request: RefundRequest) => Promise<RefundState>;
