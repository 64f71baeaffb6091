import type { Money } from '../domain/money';
import type { NextAction } from '../domain/payment';

/**
 * Money to be taken from one payment method; the payment's ID is what makes each call safe to
 * repeat.
 */
export interface Charge {
  paymentId: string;
  /**
   * Which booking the money is for: noted at the provider, so that people and reconciliation find
   * it there.
   */
  bookingId: string;
  money: Money;
  paymentMethod: string;
  /** When the payment was put on record, before any provider heard of it. */
  startedAt?: Date | undefined;
}

/**
 * What became of reserving money; `requires_action` until the customer has done what their bank
 * asks for, as 3-D Secure does.
 */
export type Authorization =
  | { status: 'authorized'; providerPaymentId: string }
  | { status: 'requires_action'; providerPaymentId: string; nextAction: NextAction }
  | { status: 'declined'; declineCode: string };

/** What became of taking it: a reservation may have lapsed, or been given up, meanwhile. */
export type Capture = { status: 'captured' } | { status: 'declined'; declineCode: string };

/** What became of giving it back; `refused` is definite: asking again gets the same answer. */
export type RefundAnswer =
  { status: 'succeeded'; providerRefundId: string } | { status: 'refused'; code: string };

/** A payment as the provider's own books have it. */
export interface ProviderPayment {
  providerPaymentId: string;
  /** Ours, when the payment was made for us under one. */
  paymentId: string | null;
  bookingId: string | null;
  status: 'requires_action' | 'authorized' | 'captured' | 'declined' | 'voided';
  money: Money;
  /** How much of it has gone back, in the same currency's minor unit. */
  refunded: number;
}

/**
 * A payment provider, as selling seats needs it: money is first reserved, then taken.
 *
 * Every call can be repeated with the same IDs and takes effect once. A call that rejects with
 * `ProviderUnavailable` has said nothing: the money may have moved. It is to be made again, or
 * looked into with `find`. `ProviderRejected` is a definite "no": to make it again is of no use.
 */
export interface PaymentGateway {
  /** The provider's name, as stored beside its payment IDs. */
  readonly provider: string;
  /**
   * Reserves money on a payment method; a definite "no" is an answer, not a failure. Repeated after
   * the customer's action, it returns what came of that.
   */
  authorize(charge: Charge): Promise<Authorization>;
  /** Takes what was authorized. */
  capture(providerPaymentId: string): Promise<Capture>;
  /** Gives up what was authorized and not captured. */
  void(providerPaymentId: string): Promise<void>;
  /**
   * Gives captured money back, in whole or in part; `refundId` is ours, and makes a repeated call
   * find the first.
   */
  refund(refundId: string, providerPaymentId: string, money: Money): Promise<RefundAnswer>;
  /**
   * What the provider knows of a payment of ours; undefined when it never heard of it. `startedAt`
   * is when the payment was put on record, and bounds the search.
   */
  find(paymentId: string, startedAt?: Date): Promise<ProviderPayment | undefined>;
  /** What the provider knows of a payment by its own ID, whoever had it made. */
  retrieve(providerPaymentId: string): Promise<ProviderPayment | undefined>;
  /** Every payment that was made since then and whose money was taken, the oldest first. */
  listCaptured(since: Date): AsyncIterable<ProviderPayment>;
}

/**
 * The provider's definite "no" to a request that no card is to blame for: asked again as it was,
 * it gets the same answer. The request had no effect; what earlier ones did, this doesn't say.
 */
export class ProviderRejected extends Error {
  override name = 'ProviderRejected';
}

/** The provider did not answer, or not with anything that can be relied on. Worth asking again. */
export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable';
}
