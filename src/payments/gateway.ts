import type { ExplainedRefunds } from '../domain/explained-refunds';
import type { Money } from '../domain/money';
import type { NextAction } from '../domain/payment';

/** Money to be taken from one payment method. The payment's ID makes each call safe to repeat. */
export interface Charge {
  paymentId: string;
  /**
   * The booking that the money is for. Stored at the provider, so that people and reconciliation
   * find it there.
   */
  bookingId: string;
  money: Money;
  paymentMethod: string;
  /** When the payment was put on record, before any provider was asked. */
  startedAt?: Date | undefined;
}

/**
 * The result of reserving money. It is `requires_action` until the customer has done what their
 * bank requires, such as 3-D Secure.
 */
export type Authorization =
  | { status: 'authorized'; providerPaymentId: string }
  | { status: 'requires_action'; providerPaymentId: string; nextAction: NextAction }
  | { status: 'declined'; declineCode: string };

/** The result of taking it: the reservation may have lapsed, or been voided, meanwhile. */
export type Capture = { status: 'captured' } | { status: 'declined'; declineCode: string };

/** The result of charging a card: of reserving money, or of taking it as well. */
export type Charged =
  | Exclude<Authorization, { status: 'declined' }>
  | { status: 'captured'; providerPaymentId: string }
  | { status: 'declined'; declineCode: string };

/** The result of a refund; `refused` is definite: the same request gets the same result. */
export type RefundAnswer =
  { status: 'succeeded'; providerRefundId: string } | { status: 'refused'; code: string };

/**
 * The code of a refund that is refused because the provider has refunded more of the payment than
 * our books explain: ours beside it could return the same money twice.
 */
export const REFUNDED_OTHERWISE = 'refunded_otherwise';

/** A payment in the provider's own books. */
export interface ProviderPayment {
  providerPaymentId: string;
  /** Our ID, if the payment was made for us under one. */
  paymentId: string | null;
  bookingId: string | null;
  status: 'requires_action' | 'authorized' | 'captured' | 'declined' | 'voided';
  money: Money;
  /** How much of it was refunded, in the same currency's minor unit. */
  refunded: number;
}

/**
 * A payment provider, as far as selling seats needs it: money is first reserved, then taken.
 *
 * Every call can be repeated with the same IDs and takes effect once. If a call rejects with
 * `ProviderUnavailable`, its outcome is unknown: the money may have moved. Repeat the call, or look
 * the payment up with `find`. `ProviderRejected` is definite: repeating the call is of no use.
 */
export interface PaymentGateway {
  /** The provider's name, as stored beside its payment IDs. */
  readonly provider: string;
  /**
   * Reserves money on a payment method. A declined card is a result, not an error. Repeated after
   * the customer's action, it returns the result of that.
   */
  authorize(charge: Charge): Promise<Authorization>;
  /** Takes what was authorized. */
  capture(providerPaymentId: string): Promise<Capture>;
  /** Voids what was authorized and not captured. */
  void(providerPaymentId: string): Promise<void>;
  /**
   * Refunds captured money, in whole or in part. `refundId` is ours, and makes a repeated call
   * return the first refund. Refused when the provider has refunded more than `explained`.
   */
  refund(
    refundId: string,
    providerPaymentId: string,
    money: Money,
    explained: ExplainedRefunds,
  ): Promise<RefundAnswer>;
  /**
   * Returns what the provider knows of a payment of ours; undefined when it has none. `startedAt`
   * is when the payment was put on record, and bounds the search.
   */
  find(paymentId: string, startedAt?: Date): Promise<ProviderPayment | undefined>;
  /** Returns what the provider knows of a payment by the provider's own ID, even if we did not make it. */
  retrieve(providerPaymentId: string): Promise<ProviderPayment | undefined>;
  /** Returns every payment that was made since then and whose money was taken, the oldest first. */
  listCaptured(since: Date): AsyncIterable<ProviderPayment>;
}

/**
 * The provider rejects a request for a reason other than the card: the same request gets the same
 * result. The request had no effect; earlier ones may have had one.
 */
export class ProviderRejected extends Error {
  override name = 'ProviderRejected';
}

/** The provider gave no response, or not a reliable one. The call may be repeated. */
export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable';
}
