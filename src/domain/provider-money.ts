import type { DisputeStatus } from './payment';

/** Money that a payment provider moved, whoever requested it, as the provider reported it. */

/** A dispute, as it was when the provider reported it. */
export interface ProviderDispute {
  providerDisputeId: string;
  /** The provider's ID of the payment. */
  providerPaymentId: string;
  status: DisputeStatus;
  amount: number;
  currency: string;
  reason: string | null;
  /** Which way the funds moved; null when the event does not say that they did. */
  movement: 'withdrawn' | 'reinstated' | null;
}

/** A refund, or the total of all refunds of a charge, whose ID is then the charge's. */
export interface ProviderRefund {
  kind: 'refund' | 'total';
  providerRefundId: string;
  /** The provider's ID of the payment. */
  providerPaymentId: string;
  /** The ID of our refund that requested it, if any. */
  refundId: string | null;
  status: 'pending' | 'succeeded' | 'failed';
  amount: number;
  currency: string;
}
