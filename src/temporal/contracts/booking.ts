import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Booking, BookingStatus, CancellationReason, Metadata } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import type { Money } from '../../domain/money';
import type { PassengerRequest } from '../../domain/passenger';
import type { Payment } from '../../domain/payment';
import type { RefusalCode } from '../../domain/refusal';
import type { Retry } from './retries';

/**
 * Messages between the API, workers, other services and a booking's workflow. Plain JSON, so that a
 * service in another language can send the same.
 */

/** The one place that builds a booking's workflow ID. */
export function bookingWorkflowId(bookingId: string): string {
  return `booking-${bookingId}`;
}

/** The input of a booking's workflow. */
export interface BookingRequest {
  bookingId: string;
  customerId: string;
  /** The flight, of a booking of one. */
  flightId?: string;
  /**
   * The flights of each slice, of a booking of several. Then there is no `flightId`: workers of the
   * release before know no slices, and refuse such a request instead of selling a part of it.
   */
  slices?: { flightIds: string[] }[];
  cabin: Cabin;
  passengers: PassengerRequest[];
  contactEmail: string | null;
  /** E.164. Left out, like metadata, where the customer sent none. */
  contactPhone?: string;
  metadata?: Metadata;
  /** Null when the customer sent none: then no outcome is bound, and none can be repeated. */
  idempotencyKey: string | null;
  /** Digest of the request's body: tells a retry from another request under the same key. */
  fingerprint: string;
  /** How many open holds this customer may have, if that is not the default. */
  maxOpenHolds?: number;
  /** ID of the request that started this run, by which its sender recognizes its own run. */
  startedBy?: string;
}

/**
 * The input of a booking's workflow that takes up a sold booking again, after its last run has
 * ended. It restores what the database has of the booking, and sells nothing.
 */
export interface RestoredBooking {
  bookingId: string;
  customerId: string;
  restored: true;
}

/** Returns the IDs of the flights of each slice of a request. */
export function flightIdsOf({ flightId, slices }: BookingRequest): string[][] {
  // Services that speak Temporal may write it in capital letters.
  if (flightId !== undefined) return [[flightId.toLowerCase()]];
  if (slices !== undefined) return slices.map(({ flightIds }) => flightIds);
  throw new Error('Bug: a booking of no flight');
}

/** Refusals of a reservation that bind the idempotency key. */
export type BindingRefusal = Extract<RefusalCode, 'seats_unavailable' | 'flight_closed'>;

/**
 * Refusals of a reservation. `too_many_holds` is bound to no key: its run fails, and another may
 * start.
 */
export type ReservationRefusal = BindingRefusal | Extract<RefusalCode, 'too_many_holds'>;

/** The run that gave an outcome, where another run may decide otherwise. */
export interface AnsweringRun {
  runId: string;
  /** ID of the request that started it, if known. */
  startedBy?: string;
}

/** A booking's standing. */
export interface BookingStanding {
  status: BookingStatus;
  cancellationReason: CancellationReason | null;
}

/**
 * The outcome of a reservation: the booking as it was when its seats were held, or why there are
 * none. `now` is its standing at this moment. It is past `pending` only if the workflow was started
 * again after its end.
 */
export type ReservationResult =
  | {
      outcome: 'held';
      fingerprint: string;
      booking: Booking;
      /** The booking is `abridged`: whoever shows it completes it. */
      isAbridged?: true;
      now: BookingStanding;
      /** Set when it took more than one try, whose time the workflow's clock has missed. */
      wasRetried?: true;
      /**
       * Set by workers whose workflow looks at the clock again shortly before the deadline.
       * Workflows that began before wait for it at once.
       */
      looksAtClockAgain?: true;
      /**
       * Set by workers that can take a card payment in one activity. Workflows that began before go
       * on in the steps that their history has.
       */
      paysInOneActivity?: true;
      /**
       * Set by workers whose workflow stays open after the sale. Workflows that began before end
       * with it.
       */
      staysOpen?: true;
      /**
       * Of a booking that is restored: its refunds that are open. A worker may have died before it
       * started their workflows.
       */
      openRefunds?: RefundToStart[];
      /** The payment of the only such refund, as earlier releases had it. */
      refundOf?: string;
      /** Of a booking that is restored: the change that its last run left unfinished. */
      unfinishedChange?: UnfinishedChange;
      /** Of a booking that is restored: it has a schedule change to respond to. */
      hasScheduleChange?: true;
    }
  | {
      outcome: 'refused';
      fingerprint: string;
      code: ReservationRefusal;
      detail: string;
      /** When it can succeed, in ISO 8601. Set only if no key is bound to the refusal. */
      retryAt?: string;
      /** Set beside `retryAt`, once the workflow has passed the refusal on. */
      run?: AnsweringRun;
    }
  | { outcome: 'failed'; fingerprint: string };

/** A refund whose workflow is to be started: the final one of a payment, or that of a change. */
export interface RefundToStart {
  paymentId: string;
  refundId?: string;
}

/** A change that no workflow is making any more, and its charge if one is under way. */
export interface UnfinishedChange {
  changeId: string;
  fingerprint: string;
  /** Until when it may be carried on, in ISO 8601; absent where its charge was undone. */
  completableUntil?: string;
  charge?: { paymentId: string; bookingId: string; amount: number; currency: string };
}

/** Waits until seats are held or refused. Changes nothing: the workflow reserves them anyway. */
export const awaitReservation = defineUpdate<ReservationResult>('awaitReservation');

/** The update ID of {@link awaitReservation}. All requests to the first run share one update. */
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

/** A card payment on record, before its provider is asked. */
export interface StartedPayment {
  /** The provider that it is made with. */
  provider: string;
  /** When it was put on record, in ISO 8601. */
  startedAt: string;
}

/** The outcome of a payment; `fingerprint` is that of the request that caused it. */
export type PaymentResult =
  | { outcome: 'captured'; fingerprint: string; payment: Payment }
  /**
   * Nothing is decided yet: the customer's bank requires an action first, which
   * `payment.nextAction` describes.
   */
  | { outcome: 'action_required'; fingerprint: string; payment: Payment }
  | {
      outcome: 'declined';
      fingerprint: string;
      detail: string;
      /** Absent in results from before the field existed. */
      declineCode?: string;
    };

export type DeclinedPayment = Extract<PaymentResult, { outcome: 'declined' }>;

/** The details of a refusal `amount_mismatch`: the price to pay. */
export interface AmountMismatch {
  expected: Money;
}

/**
 * Charges the customer and confirms the booking.
 *
 * Refused before anything is charged when the caller, amount, currency or status don't fit. The
 * failure's type is the refusal's code.
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
  /** Who asks: the ID of the customer or the operator. */
  requestedBy: string;
  asOperator: boolean;
  /** The reason, in words that the booking's owner may read. */
  reason?: string;
  /** The operator's note: the owner never reads it. */
  note?: string;
  /** The expected refund: if another amount would be refunded, nothing is cancelled. */
  expectedRefund?: Money;
}

/**
 * Cancels a booking. Returns it, even if it was cancelled before. One that is paid for is refunded
 * by its fare's rules, or in full for an operator.
 *
 * A refusal, such as `quote_changed`, ends the update alone. Temporal repeats it for the same update
 * ID for ever.
 */
export const cancelBooking = defineUpdate<Booking, [CancellationRequest]>('cancelBooking');

/**
 * Asks the payment provider again now about the card payment under way, instead of at the next
 * retry. Uses the same key and time limit, and never runs beside another try. Returns the booking's
 * state then. Refused while no card payment is being made.
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
 * Reports to a booking that another service has been paid for it. Handled once per provider's
 * payment ID.
 */
export const paymentReceived = defineSignal<[ExternalPaymentReport]>('paymentReceived');

/**
 * Tells a booking that its provider has an event of a payment under way, so that it asks the
 * provider. Has no other effect, and may be sent any number of times.
 */
export const paymentUpdated = defineSignal('paymentUpdated');

/** The whole state of a booking's workflow, for operators and other services. */
export interface BookingState extends BookingStanding {
  bookingId: string;
  reference: string;
  paymentRequiredBy: string | null;
  activity:
    | 'reserving'
    | 'awaiting_payment'
    | 'paying'
    | 'cancelling'
    /** Booked, and open for changes. */
    | 'awaiting_departure'
    /** Flights of it are being exchanged, or a change that was left unfinished is being undone. */
    | 'changing'
    /** Booked, and its owner may respond to a schedule change. */
    | 'awaiting_response'
    /** Cancelled, and its refund is not closed yet. */
    | 'refunding'
    | 'closed';
  declinedPayments: number;
  /** The latest payments that other services reported. */
  externalPayments: {
    provider: string;
    providerPaymentId: string;
    status: 'waiting' | 'applied' | 'not_applied' | 'not_found';
  }[];
  /** How many they reported in all. Each counts once, as long as the workflow knows it. */
  externalPaymentCount: number;
}

/** Whether a card is being charged, for the booking itself or for a change of it. */
export function isAwaitingProvider({ activity }: Pick<BookingState, 'activity'>): boolean {
  return activity === 'paying' || activity === 'changing';
}

export const bookingState = defineQuery<BookingState>('bookingState');

/** How a closed booking's workflow ended. */
export interface BookingOutcome extends BookingStanding {
  bookingId: string;
  reference: string;
}

/** The workflow's name and type, for processes that start it without its code. */
export type BookingWorkflow = (
  request: BookingRequest | RestoredBooking,
) => Promise<BookingOutcome>;

export const BOOKING_WORKFLOW = 'bookingWorkflow';

/**
 * The workflow's memo, readable before any worker has run it: the booking as `initiated`, and its
 * owner.
 */
export interface BookingMemo {
  customerId: string;
  fingerprint: string;
  booking: Booking;
}
