import type { Money } from '../../domain/money';

/** A payment as its provider knows it. */
export interface ProviderPaymentKey {
  provider: string;
  providerPaymentId: string;
}

/** A payment that was taken, as far as booking what its provider did to it needs. */
export interface CapturedPayment extends ProviderPaymentKey {
  paymentId: string;
  /** Null when nobody knows what the money was for. */
  bookingId: string | null;
  money: Money;
}
