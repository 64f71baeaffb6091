import type { DisputeStatus } from '../domain/payment';

/** What a payment provider tells of money that it moved, whoever asked for it. Plain JSON; `toldAt` in ISO 8601. */

/** A dispute, as it stood when the provider told of it. */
export interface ReportedDispute {
  provider: string;
  providerDisputeId: string;
  /** The provider's ID of the payment. */
  providerPaymentId: string;
  status: DisputeStatus;
  amount: number;
  currency: string;
  reason: string | null;
  /** Whether the event says that funds moved. */
  movement: 'withdrawn' | 'reinstated' | null;
  toldAt: string;
}

/** A refund; or the sum of all refunds of a payment, which the provider names by the charge. */
export interface ReportedRefund {
  provider: string;
  kind: 'refund' | 'total';
  providerRefundId: string;
  providerPaymentId: string;
  /** The ID of ours that it was asked for under, if any. */
  refundId: string | null;
  status: 'pending' | 'succeeded' | 'failed';
  amount: number;
  currency: string;
  toldAt: string;
}
