import type { Money } from '../domain/money';

/** Money to be taken from one payment method; the payment's ID is what makes each call safe to repeat. */
export interface Charge {
  paymentId: string;
  money: Money;
  paymentMethod: string;
}

export type Authorization =
  { status: 'authorized'; providerPaymentId: string } | { status: 'declined'; declineCode: string };

/** A payment as the provider's own books have it. */
export interface ProviderPayment {
  providerPaymentId: string;
  status: 'authorized' | 'captured' | 'declined' | 'voided';
  money: Money;
}

/**
 * A payment provider, as selling seats needs it: money is first reserved, then taken.
 *
 * Every call can be repeated with the same IDs and takes effect once. A call that rejects has said nothing: the money may have moved. It is to be made
 * again, or looked into with `find`.
 */
export interface PaymentGateway {
  /** The provider's name, as stored beside its payment IDs. */
  readonly provider: string;
  /** Reserves money on a payment method; a definite "no" is an answer, not a failure. */
  authorize(charge: Charge): Promise<Authorization>;
  /** Takes what was authorized. */
  capture(providerPaymentId: string): Promise<void>;
  /** Gives up what was authorized and not captured. */
  void(providerPaymentId: string): Promise<void>;
  /** Gives captured money back, in whole or in part; `refundId` is ours. Answers the provider's ID of the refund. */
  refund(refundId: string, providerPaymentId: string, money: Money): Promise<string>;
  /** What the provider knows of a payment of ours; undefined when it never heard of it. */
  find(paymentId: string): Promise<ProviderPayment | undefined>;
}

/** The provider did not answer, or not with anything that can be relied on. Worth asking again. */
export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable';
}
