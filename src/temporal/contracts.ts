import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Booking, BookingStatus, CancellationReason } from '../domain/booking';
import type { Cabin } from '../domain/cabin';
import type { Money } from '../domain/money';
import type { PassengerRequest } from '../domain/passenger';
import type { Payment } from '../domain/payment';
import type { RefusalCode } from '../domain/refusal';
import type { Retry } from './retries';

/**
 * What API, workers and other services say to a booking's workflow, and what it answers. Plain
 * JSON, so that a service in another language can send the same.
 */

/** The one place where a booking's workflow ID is made. */
export function bookingWorkflowId(bookingId: string): string {
  return `booking-${bookingId}`;
}

/** What a booking's workflow is started with. */
export interface BookingRequest {
  bookingId: string;
  customerId: string;
  flightId: string;
  cabin: Cabin;
  passengers: PassengerRequest[];
  contactEmail: string | null;
  /** Null when the customer sent none: nothing can be repeated then. */
  idempotencyKey: string | null;
  /** Digest of the request's body: tells a retry from another request under the same key. */
  fingerprint: string;
  /** How many holds this customer may have open at a time, where that is not the default. */
  maxOpenHolds?: number;
  /** Names the request that started this run: its sender knows its own run by it. */
  startedBy?: string;
}

/** Refusals of a reservation that bind the idempotency key. */
export type BindingRefusal = Extract<RefusalCode, 'seats_unavailable' | 'flight_closed'>;

/**
 * Refusals of a reservation. `too_many_holds` binds nothing: its run fails, and another may begin.
 */
export type ReservationRefusal = BindingRefusal | Extract<RefusalCode, 'too_many_holds'>;

/** The run that gave an answer which another run may give differently. */
export interface AnsweringRun {
  runId: string;
  /** Whose request started it, where that is known. */
  startedBy?: string;
}

/** How a booking stands. */
export interface BookingStanding {
  status: BookingStatus;
  cancellationReason: CancellationReason | null;
}

/**
 * What became of a reservation: the booking as it was when its seats were held, or why there are
 * none. `now` is how it stands at this moment: not pending any more only when the workflow was
 * started again after its end.
 */
export type ReservationResult =
  | { outcome: 'held'; fingerprint: string; booking: Booking; now: BookingStanding }
  | {
      outcome: 'refused';
      fingerprint: string;
      code: ReservationRefusal;
      detail: string;
      /** When it can succeed, in ISO 8601; there only if nothing is bound to the refusal. */
      retryAt?: string;
      /** There beside `retryAt`, once the workflow has passed it on. */
      run?: AnsweringRun;
    }
  | { outcome: 'failed'; fingerprint: string };

/**
 * Waits until seats are held or refused. Asks nothing new: the workflow reserves whether or not
 * anyone waits.
 */
export const awaitReservation = defineUpdate<ReservationResult>('awaitReservation');

/** The update ID of {@link awaitReservation}, in whose first run everyone who waits shares one. */
export const RESERVATION_UPDATE_ID = 'reservation';

export interface PaymentRequest {
  /** Derives from the caller and their idempotency key, so that a retry names the same payment. */
  paymentId: string;
  customerId: string;
  idempotencyKey: string;
  fingerprint: string;
  amount: number;
  currency: string;
  paymentMethod: string;
}

/** The outcome of a payment; `fingerprint` is that of the request which it answers. */
export type PaymentResult =
  | { outcome: 'captured'; fingerprint: string; payment: Payment }
  /**
   * Nothing is decided yet: the customer's bank wants something of them first, which
   * `payment.nextAction` says.
   */
  | { outcome: 'action_required'; fingerprint: string; payment: Payment }
  | {
      outcome: 'declined';
      fingerprint: string;
      detail: string;
      /** Absent in results from before there was the field. */
      declineCode?: string;
    };

/** What a refusal `amount_mismatch` carries as its failure's details: the price to pay. */
export interface AmountMismatch {
  expected: Money;
}

/**
 * Charges the customer and confirms the booking. Refused before anything is charged, with the
 * refusal's code as the failure's type, when the caller, amount, currency or status don't fit.
 */
export const makePayment = defineUpdate<PaymentResult, [PaymentRequest]>('makePayment');

/** A payment that we charge ourselves, and the booking that it is for. */
export interface CardPayment extends PaymentRequest {
  bookingId: string;
}

export function paymentUpdateId(paymentId: string): string {
  return `payment-${paymentId}`;
}

export interface CancellationRequest {
  /** Who asks: the customer's ID, or the operator's. */
  requestedBy: string;
  asOperator: boolean;
  /** Why, in words that the booking's owner may read. */
  reason?: string;
  /** What an operator notes about it: the owner never reads it. */
  note?: string;
  /** What is expected to go back: where it would be anything else, nothing is cancelled. */
  expectedRefund?: Money;
}

/**
 * Cancels a booking that isn't paid for; returns the booking, also one that was cancelled before.
 */
export const cancelBooking = defineUpdate<Booking, [CancellationRequest]>('cancelBooking');

/**
 * Asks the payment provider again now about the card payment under way, instead of when its turn
 * comes: under the same key, within the same time, and never beside a try that runs. Returns how
 * the booking stands then. Refused while no card payment is being made.
 */
export const retryPayment = defineUpdate<BookingState, [Retry]>('retryPayment');

/** A payment that another service has taken for this booking. */
export interface ExternalPaymentReport {
  amount: number;
  currency: string;
  provider: string;
  providerPaymentId: string;
}

/** A payment of another service, and the booking that it is for. */
export interface ExternalPayment extends ExternalPaymentReport {
  bookingId: string;
}

/**
 * Tells a booking that another service has been paid for it; handled once per provider's payment
 * ID.
 */
export const paymentReceived = defineSignal<[ExternalPaymentReport]>('paymentReceived');

/**
 * Tells a booking that its provider has an event of a payment under way: time to ask. Says nothing
 * by itself, and may come any number of times.
 */
export const paymentUpdated = defineSignal('paymentUpdated');

/** The whole state of a booking's workflow, for operators and other services. */
export interface BookingState extends BookingStanding {
  bookingId: string;
  reference: string;
  paymentRequiredBy: string | null;
  activity: 'reserving' | 'awaiting_payment' | 'paying' | 'cancelling' | 'closed';
  declinedPayments: number;
  /** The latest payments that other services reported. */
  externalPayments: {
    provider: string;
    providerPaymentId: string;
    status: 'waiting' | 'applied' | 'not_applied' | 'not_found';
  }[];
  /** How many they reported in all, each counted once while it is known here. */
  externalPaymentCount: number;
}

export const bookingState = defineQuery<BookingState>('bookingState');

/** How a closed booking's workflow ended. */
export interface BookingOutcome extends BookingStanding {
  bookingId: string;
  reference: string;
}

/** The workflow's name and shape, for those who start it without its code. */
export type BookingWorkflow = (request: BookingRequest) => Promise<BookingOutcome>;

export const BOOKING_WORKFLOW = 'bookingWorkflow';

/**
 * Beside the workflow, readable before any worker has seen it: the booking as `initiated`, and its
 * owner.
 */
export interface BookingMemo {
  customerId: string;
  fingerprint: string;
  booking: Booking;
}

export const RECONCILIATION_WORKFLOW = 'reconciliationWorkflow';

/** A rule that the books or the workflows break: how often, and the first few IDs that show it. */
export interface Violation {
  invariant: string;
  count: number;
  examples: string[];
}

/**
 * How our payment provider's books differ from ours: how often, and the first few IDs that show it.
 */
export interface Disagreement {
  kind:
    /** It took money that names no booking of ours. */
    | 'not_on_record'
    /** It took money for a payment that we have as declined or voided. */
    | 'taken_nevertheless'
    /** It took another amount, or gave another amount back. */
    | 'other_amount'
    | 'other_refund'
    /** We have it as captured, and the provider has not. */
    | 'not_captured';
  count: number;
  examples: string[];
}

export type ReconciliationPart =
  'overdue_holds' | 'open_payments' | 'provider_comparison' | 'audit';

/** What one part of a reconciliation could not do. The next run tries it again. */
export interface ReconciliationFailure {
  part: ReconciliationPart;
  /**
   * The booking, payment or rule that it could not deal with; null when the rest was not reached
   * either.
   */
  item: string | null;
  reason: string;
}

/** What a reconciliation did and found. */
export interface ReconciliationReport {
  /**
   * Bookings whose seats went back on sale: long past their deadline, and no workflow left to do
   * it.
   */
  releasedHolds: string[];
  /** Bookings that looked the same, and turned out to be someone's business yet. */
  leftHolds: string[];
  /**
   * Payments whose refund was open for long, or that were under way with nobody looking after them:
   * a workflow sees to each.
   */
  resumedRefunds: string[];
  /** The provider's IDs of payments whose report had never come, and now has. */
  deliveredPayments: string[];
  disagreements: Disagreement[];
  violations: Violation[];
  /** What it could not do; the other parts have done theirs nevertheless. */
  failed: ReconciliationFailure[];
}
