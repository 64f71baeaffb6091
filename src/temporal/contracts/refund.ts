import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { Booking, RefundStatus } from '../../domain/booking';
import type { Money } from '../../domain/money';
import type { RefusalCode } from '../../domain/refusal';
import type { AnsweringRun, ExternalPayment } from './booking';
import type { ReportedDispute, ReportedRefund } from './provider-reports';
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

export const CANCELLATION_WORKFLOW = 'cancellationWorkflow';

export function cancellationWorkflowId(bookingId: string): string {
  return `cancellation-${bookingId}`;
}

/** The input of the workflow that cancels a booked booking. */
export interface SaleCancellation {
  bookingId: string;
  /** Who asks: the ID of the customer or the operator. */
  requestedBy: string;
  asOperator: boolean;
  /** The reason, in words that the booking's owner may read. */
  reason?: string;
  /** The operator's note: the owner never reads it. */
  note?: string;
  /** The expected refund: if another amount would be refunded, nothing is cancelled. */
  expectedRefund?: Money;
  /** ID of the request that started this run, by which its sender recognizes its own run. */
  startedBy?: string;
}

/** The cancelled booking, as it was when its refund was started; or why it can't be cancelled. */
export type CancellationResult =
  | { outcome: 'cancelled'; booking: Booking }
  /** The run fails then: another one may decide otherwise. */
  | { outcome: 'refused'; code: RefusalCode; detail: string; run?: AnsweringRun };

/** Waits until the sale is cancelled. Changes nothing: the workflow cancels it anyway. */
export const awaitCancellation = defineUpdate<CancellationResult>('awaitCancellation');

/** The update ID of {@link awaitCancellation}. All requests to the first run share one update. */
export const CANCELLATION_UPDATE_ID = 'cancellation';

export type CancellationWorkflow = (request: SaleCancellation) => Promise<CancellationResult>;

export const PROVIDER_EVENT_WORKFLOW = 'providerEventWorkflow';

export function providerEventWorkflowId({ provider, eventId }: ProviderEvent): string {
  return `event-${provider}-${eventId}`;
}

/** An event about a payment that our own payment provider sent. */
export interface ProviderEvent {
  provider: string;
  eventId: string;
  type: string;
  /** The payment's booking; null when it was not made for one of ours. */
  bookingId: string | null;
  /** What was taken, if the event says so. */
  captured: ExternalPayment | null;
  /** Money that the provider moved without us, if the event says so. */
  dispute?: ReportedDispute;
  refund?: ReportedRefund;
}

export type ProviderEventWorkflow = (event: ProviderEvent) => Promise<void>;
