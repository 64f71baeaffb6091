import { defineSignal } from '@temporalio/workflow';
import type { NO_MONEY } from '../../domain/payment';
import { paymentReceived, paymentUpdated, type ExternalPayment } from './booking';
import type { UnappliedReason } from './refund';
import { scheduleChanged } from './schedule-change';
import { deliveriesDue } from './webhook';

/**
 * Types and messages about payments that other services report, between the API, workflows and
 * activities.
 */

/** What the provider that a report names says of the payment, if we have an account there. */
export type Finding =
  /** It has captured this money for this booking. */
  | { outcome: 'captured'; amount: number; currency: string }
  /** It has no such payment, or has it for something else, or has not captured it. */
  | { outcome: 'not_found' }
  /** It is a card payment of ours, which its own workflow handles. */
  | { outcome: 'own_charge'; paymentId: string }
  /** It is no provider of ours: it can't be asked. */
  | { outcome: 'foreign' }
  /** It gave no result. */
  | { outcome: 'silent' };

/**
 * Why a reported payment pays for nothing. With a reason that is not an `UnappliedReason`, there is
 * no money to refund.
 */
export type RejectionReason = UnappliedReason | (typeof NO_MONEY)[number];

/** A reported payment that pays for nothing. */
export interface Unapplied {
  payment: ExternalPayment;
  reason: RejectionReason;
}

/** The record of such a payment in the database. */
export interface RecordedPayment {
  paymentId: string;
  /** `none`: it pays for something, has been refunded, or there is no money behind it. */
  refund: 'none' | 'pending' | 'needs_operator';
  /** Whether a workflow is to be started for the refund now; else reconciliation does it later. */
  isHandedOver: boolean;
}

/** Records reports that no booking's workflow has recorded; one run at a time. */
export const PAYMENT_EVENTS_WORKFLOW = 'paymentEventsWorkflow';
export const PAYMENT_EVENTS_WORKFLOW_ID = 'payment-events';

export type PaymentEventsWorkflow = () => Promise<void>;

/** Announces that a report was accepted, and is to be handled. */
export const paymentEventAccepted = defineSignal('paymentEventAccepted');

/** The name of every signal that some workflow of ours handles: any other is passed over. */
export const SIGNALS: readonly string[] = [
  paymentReceived.name,
  paymentUpdated.name,
  paymentEventAccepted.name,
  deliveriesDue.name,
  scheduleChanged.name,
];
