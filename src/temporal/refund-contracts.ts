import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { Booking, RefundStatus } from '../domain/booking';
import type { Money } from '../domain/money';
import type { RefusalCode } from '../domain/refusal';
import type { AnsweringRun, ExternalPayment } from './contracts';
import type { ReportedDispute, ReportedRefund } from './provider-reports';
import type { Retry, SignedRetry } from './retries';

/**
 * What API, operators and workflows say to the workflows that give money back, and what these
 * answer. Plain JSON.
 */

export const REFUND_WORKFLOW = 'refundWorkflow';

/** A payment goes back once at the most, and so does its workflow run. */
export function refundWorkflowId(paymentId: string): string {
  return `refund-${paymentId}`;
}

/** Why money that another service took pays for nothing. */
export type UnappliedReason =
  'late' | 'amount_mismatch' | 'second_payment' | 'booking_cancelled' | 'unknown_booking';

/** What a refund's workflow is started with. */
export interface RefundRequest {
  paymentId: string;
  /**
   * Money that is not on record yet: it came when no workflow of its booking was there to record
   * it.
   */
  unapplied?: { payment: ExternalPayment; reason: UnappliedReason };
  /** Who has it started again, and why, if it is not by itself. */
  retry?: SignedRetry;
}

/**
 * How a refund stands, or ended; `nothing_owed` when the provider turned out to have taken nothing,
 * or the money is on record as paid for something.
 */
export interface RefundState {
  paymentId: string;
  status: RefundStatus | 'nothing_owed';
  /** Why a person is needed; null when none is. */
  whyOperator: WhyOperator | null;
}

/** Why a request to a payment provider can't succeed, whoever's card it is about. */
export type ProviderFault = 'provider_rejected' | 'provider_not_configured';

/**
 * `provider_silent` and `provider_rejected` are tried again by themselves; the others only when
 * someone says so.
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

/** Who gave the money back by hand, and how. */
export interface Settlement {
  settledBy: string;
  note: string;
}

/** Closes a refund that waits for a person: the money has been given back by hand. */
export const settleRefund = defineUpdate<RefundState, [Settlement]>('settleRefund');

/** Asks the provider again about a refund that waits for a person; returns what came of it. */
export const retryRefund = defineUpdate<RefundState, [Retry]>('retryRefund');

export type RefundWorkflow = (request: RefundRequest) => Promise<RefundState>;

export const CANCELLATION_WORKFLOW = 'cancellationWorkflow';

export function cancellationWorkflowId(bookingId: string): string {
  return `cancellation-${bookingId}`;
}

/** What the workflow that cancels a booked booking is started with. */
export interface SaleCancellation {
  bookingId: string;
  /** Who asks: the customer's ID, or the operator's. */
  requestedBy: string;
  asOperator: boolean;
  /** Why, in words that the booking's owner may read. */
  reason?: string;
  /** What an operator notes about it: the owner never reads it. */
  note?: string;
  /** What is expected to go back: where it would be anything else, nothing is cancelled. */
  expectedRefund?: Money;
  /** Names the request that started this run: its sender knows its own run by it. */
  startedBy?: string;
}

/** The booking, cancelled, as it was when its money was on its way back; or why it can't be. */
export type CancellationResult =
  | { outcome: 'cancelled'; booking: Booking }
  /** The run fails then: another one may decide differently. */
  | { outcome: 'refused'; code: RefusalCode; detail: string; run?: AnsweringRun };

/**
 * Waits until the sale is undone. Asks nothing new: the workflow does it whether or not anyone
 * waits.
 */
export const awaitCancellation = defineUpdate<CancellationResult>('awaitCancellation');

/** The update ID of {@link awaitCancellation}, in whose first run everyone who waits shares one. */
export const CANCELLATION_UPDATE_ID = 'cancellation';

export type CancellationWorkflow = (request: SaleCancellation) => Promise<CancellationResult>;

export const PROVIDER_EVENT_WORKFLOW = 'providerEventWorkflow';

export function providerEventWorkflowId({ provider, eventId }: ProviderEvent): string {
  return `event-${provider}-${eventId}`;
}

/** An event that our own payment provider sent of a payment. */
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
