import type { Money } from '../../domain/money';

/** A payment as its provider knows it. */
export interface ProviderPaymentKey {
  provider: string;
  providerPaymentId: string;
}

/** A captured payment, as far as posting its disputes and refunds needs. */
export interface CapturedPayment extends ProviderPaymentKey {
  paymentId: string;
  /** Null when it is unknown what the money was for. */
  bookingId: string | null;
  money: Money;
}
