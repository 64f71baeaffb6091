import type { RefundStatus } from '../../domain/booking';
import type { Dispute, Payment } from '../../domain/payment';
import type { Db } from '../connection';
import { DISPUTE_OF_PAYMENT } from '../provider-money/dispute-view';

/** A refund of a payment, as its payer sees it; `createdAt` in ISO 8601. */
export interface PaymentRefund {
  id: string;
  status: RefundStatus;
  amount: number;
  currency: string;
  createdAt: string;
}

/** A payment with all of its refunds; instants in ISO 8601. */
export interface PaymentWithRefunds extends Payment {
  /** The provider that took the money. */
  provider: string;
  /** Whether it pays for the booking; every other capture is refunded. */
  applied: boolean;
  createdAt: string;
  declineCode: string | null;
  dispute: Dispute | null;
  refunds: PaymentRefund[];
  /** How much the provider refunded without us, in the payment's currency. */
  refundedByProvider: number;
}

/**
 * Returns all payments of a booking with their refunds, the oldest first, whatever their status.
 */
export async function listBookingPayments(
  db: Db,
  bookingId: string,
): Promise<PaymentWithRefunds[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    `SELECT p.id, p.booking_id AS "bookingId", b.status AS "bookingStatus", p.status, p.amount,
       p.currency, p.captured_at,
       p.decline_code AS "declineCode", p.provider, p.applied, p.created_at,
       ${DISPUTE_OF_PAYMENT} AS dispute,
       (SELECT CAST(coalesce(sum(l.amount), 0) AS bigint)
        FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')
          AND l.account = 'suspense:provider_refunds') AS "refundedByProvider",
       (SELECT coalesce(json_agg(json_build_object('id', r.id, 'status', r.status,
          'amount', r.amount, 'currency', r.currency, 'createdAt', r.created_at)
          ORDER BY r.created_at, r.id), '[]') FROM refunds r WHERE r.payment_id = p.id) AS refunds
     FROM payments p JOIN bookings b ON b.id = p.booking_id
     WHERE p.booking_id = ? ORDER BY p.created_at, p.id`,
    [bookingId],
  );
  return rows.map(toPayment);
}

type Row = Omit<PaymentWithRefunds, 'capturedAt' | 'createdAt'> & {
  captured_at: Date | null;
  created_at: Date;
};

function toPayment(row: Row): PaymentWithRefunds {
  const { id, bookingId, bookingStatus, status, amount, currency, provider, applied } = row;
  // In JSON, instants come as PostgreSQL writes them.
  const refunds = row.refunds.map((refund) => ({
    ...refund,
    createdAt: new Date(refund.createdAt).toISOString(),
  }));
  return {
    id,
    bookingId,
    bookingStatus,
    status,
    amount,
    currency,
    capturedAt: row.captured_at?.toISOString() ?? null,
    provider,
    applied,
    createdAt: row.created_at.toISOString(),
    declineCode: row.declineCode,
    dispute: row.dispute,
    refunds,
    refundedByProvider: row.refundedByProvider,
  };
}
