import type { DisputeStatus } from './payment';

/** Money that a payment provider moved, whoever asked for it, as the provider told of it. */

/** A dispute, as it stood when the provider told of it. */
export interface ProviderDispute {
  providerDisputeId: string;
  /** The provider's ID of the payment. */
  providerPaymentId: string;
  status: DisputeStatus;
  amount: number;
  currency: string;
  reason: string | null;
  /** Whether the event says that funds moved. */
  movement: 'withdrawn' | 'reinstated' | null;
}

/** A refund; or the sum of all refunds of a charge, which then gives its ID. */
export interface ProviderRefund {
  kind: 'refund' | 'total';
  providerRefundId: string;
  /** The provider's ID of the payment. */
  providerPaymentId: string;
  /** The ID of ours that it was asked for under, if any. */
  refundId: string | null;
  status: 'pending' | 'succeeded' | 'failed';
  amount: number;
  currency: string;
}
