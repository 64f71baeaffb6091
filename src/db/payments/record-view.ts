import type { RefundStatus } from '../../domain/booking';
import type { Money } from '../../domain/money';
import type { PaymentStatus } from '../../domain/payment';
import type { RefundSubject } from '../../temporal/operator-texts/money';
import type { Db } from '../connection';

/**
 * A payment with everything that the books hold about it, for operators and reconciliation;
 * `createdAt` in ISO 8601.
 */
export interface PaymentOnRecord {
  paymentId: string;
  provider: string;
  providerPaymentId: string | null;
  status: PaymentStatus;
  /** Whether it pays for the booking. */
  isApplied: boolean;
  /** Null when it is unknown what the money was for. */
  bookingId: string | null;
  money: Money;
  createdAt: string;
  refund: RefundOnRecord | null;
  /** How much of it the provider refunded without us, as far as it told us. */
  refundedByProvider: number;
}

export interface RefundOnRecord extends Money {
  status: RefundStatus;
  reason: string;
  isSettledByHand: boolean;
}

/** Returns all payments of a booking, the oldest first. */
export async function listPaymentsOnRecord(db: Db, bookingId: string): Promise<PaymentOnRecord[]> {
  return readPayments(db, 'p.booking_id = ?', [bookingId]);
}

/** Reads one payment, even if it is for no booking of ours; undefined when there is none. */
export async function findPaymentOnRecord(
  db: Db,
  paymentId: string,
): Promise<PaymentOnRecord | undefined> {
  return (await readPayments(db, 'p.id = ?', [paymentId]))[0];
}

/**
 * Reads our record of a provider's payment, by the provider's ID. Also by our ID, if the payment
 * was made under one and no response has brought the provider's ID yet.
 *
 * A payment that was made twice is on record once. Returns undefined when none is.
 */
export async function findProvidersPayment(
  db: Db,
  {
    provider,
    providerPaymentId,
    paymentId = null,
  }: { provider: string; providerPaymentId: string; paymentId?: string | null },
): Promise<PaymentOnRecord | undefined> {
  const which = `p.provider = ? AND (p.provider_payment_id = ?
    OR (p.provider_payment_id IS NULL AND CAST(p.id AS text) = ?))`;
  return (await readPayments(db, which, [provider, providerPaymentId, paymentId]))[0];
}

/**
 * Returns payments that a provider has captured and that were recorded since then, the oldest
 * first.
 */
export async function listCapturedOnRecord(
  db: Db,
  provider: string,
  since: Date,
): Promise<PaymentOnRecord[]> {
  const which = "p.provider = ? AND p.status = 'captured' AND p.created_at >= ?";
  return readPayments(db, which, [provider, since]);
}

/**
 * Returns what an operator is told of a payment that is refunded; undefined when it is not on
 * record.
 */
export async function findRefundSubject(
  db: Db,
  paymentId: string,
): Promise<RefundSubject | undefined> {
  const { rows } = await db.raw<{
    rows: (RefundSubject & Money & { owedAmount: number | null })[];
  }>(
    `SELECT p.provider, p.provider_payment_id AS "providerPaymentId", p.amount, p.currency, r.amount AS "owedAmount",
       coalesce(r.reason, 'outcome_unknown') AS reason, b.reference, f.flight_number AS "flightNumber"
     FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
     LEFT JOIN bookings b ON b.id = p.booking_id LEFT JOIN flights f ON f.id = b.flight_id
     WHERE p.id = ?`,
    [paymentId],
  );
  return rows.map(({ amount, currency, owedAmount, ...known }) => ({
    ...known,
    money: { amount, currency },
    owed: owedAmount === null ? null : { amount: owedAmount, currency },
  }))[0];
}

async function readPayments(
  db: Db,
  which: string,
  values: (string | Date | null)[],
): Promise<PaymentOnRecord[]> {
  const { rows } = await db.raw<{ rows: PaymentRow[] }>(
    `SELECT p.*, r.status AS refund_status, r.amount AS refund_amount, r.currency AS refund_currency,
       r.reason AS refund_reason, r.settled_by,
       (SELECT CAST(coalesce(sum(l.amount), 0) AS bigint)
        FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')
          AND l.account = 'suspense:provider_refunds') AS refunded_by_provider
     FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
     WHERE ${which} ORDER BY p.created_at, p.id`,
    values,
  );
  return rows.map(toPaymentOnRecord);
}

interface PaymentRow {
  id: string;
  provider: string;
  provider_payment_id: string | null;
  status: PaymentStatus;
  applied: boolean;
  booking_id: string | null;
  amount: number;
  currency: string;
  created_at: Date;
  refund_status: RefundStatus | null;
  refund_amount: number;
  refund_currency: string;
  refund_reason: string;
  settled_by: string | null;
  refunded_by_provider: number;
}

function toPaymentOnRecord(row: PaymentRow): PaymentOnRecord {
  return {
    paymentId: row.id,
    provider: row.provider,
    providerPaymentId: row.provider_payment_id,
    status: row.status,
    isApplied: row.applied,
    bookingId: row.booking_id,
    money: { amount: row.amount, currency: row.currency },
    createdAt: row.created_at.toISOString(),
    refundedByProvider: row.refunded_by_provider,
    refund:
      row.refund_status === null
        ? null
        : {
            status: row.refund_status,
            amount: row.refund_amount,
            currency: row.refund_currency,
            reason: row.refund_reason,
            isSettledByHand: row.settled_by !== null,
          },
  };
}
