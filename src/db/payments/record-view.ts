import { validate as isUuid } from 'uuid';
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

/** The least settled refund of a payment; the amount is that of all of them. */
export interface RefundOnRecord extends Money {
  status: RefundStatus;
  reason: string;
  /** One of them at least. */
  isSettledByHand: boolean;
  /** The ID of a refund that belongs to a change; null of the final one. */
  changeRefundId: string | null;
}

/** Returns all payments of a booking, the oldest first. */
export async function listPaymentsOnRecord(db: Db, bookingId: string): Promise<PaymentOnRecord[]> {
  return readPayments(db, 'p.booking_id = :bookingId', { bookingId });
}

/** Reads one payment, even if it is for no booking of ours; undefined when there is none. */
export async function findPaymentOnRecord(
  db: Db,
  paymentId: string,
): Promise<PaymentOnRecord | undefined> {
  return (await readPayments(db, 'p.id = :paymentId', { paymentId }))[0];
}

/** A payment as its provider names it, with our ID if it was made under one. */
export interface ProvidersName {
  providerPaymentId: string;
  paymentId?: string | null;
}

/** Reads our record of one payment of a provider, as below; undefined when there is none. */
export async function findProvidersPayment(
  db: Db,
  { provider, ...name }: ProvidersName & { provider: string },
): Promise<PaymentOnRecord | undefined> {
  return (await findProvidersPayments(db, provider, [name])).get(name.providerPaymentId);
}

/**
 * Reads our records of a provider's payments, by the provider's IDs. Also by our ID, if the payment
 * was made under one and no response has brought the provider's ID yet.
 *
 * A payment that was made twice is on record once. Returns what is on record, by the provider's ID.
 */
export async function findProvidersPayments(
  db: Db,
  provider: string,
  names: readonly ProvidersName[],
): Promise<Map<string, PaymentOnRecord>> {
  const found = await readPayments(
    db,
    'p.provider = :provider AND p.provider_payment_id = ANY (CAST(:ids AS text[]))',
    { provider, ids: names.map(({ providerPaymentId }) => providerPaymentId) },
  );
  const known = new Map(found.map((payment) => [payment.providerPaymentId ?? '', payment]));
  const ours = names.flatMap(({ providerPaymentId, paymentId }) =>
    known.has(providerPaymentId) || !paymentId || !isUuid(paymentId)
      ? []
      : [[paymentId.toLowerCase(), providerPaymentId] as const],
  );
  if (ours.length === 0) return known;
  const unnamed = await readPayments(
    db,
    `p.id = ANY (CAST(:ids AS uuid[])) AND p.provider = :provider AND p.provider_payment_id IS NULL`,
    { provider, ids: ours.map(([paymentId]) => paymentId) },
  );
  const byOurId = new Map(unnamed.map((payment) => [payment.paymentId, payment]));
  for (const [paymentId, providerPaymentId] of ours) {
    const payment = byOurId.get(paymentId);
    if (payment !== undefined) known.set(providerPaymentId, payment);
  }
  return known;
}

/** How many payments are compared at once. */
const PAGE = 250;

/**
 * Finds payments that a provider has captured and that were recorded since then, page by page, the
 * oldest first.
 */
export async function* pageCapturedOnRecord(
  db: Db,
  provider: string,
  since: Date,
): AsyncGenerator<Pick<PaymentOnRecord, 'paymentId' | 'providerPaymentId'>[]> {
  let after = { createdAt: since.toISOString(), id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const { rows } = await db.raw<{ rows: CapturedRow[] }>(
      `SELECT id, provider_payment_id AS "providerPaymentId", CAST(created_at AS text) AS "createdAt"
       FROM payments
       WHERE provider = :provider AND status = 'captured'
         AND created_at >= CAST(:createdAt AS timestamptz)
         AND (created_at, id) > (CAST(:createdAt AS timestamptz), CAST(:id AS uuid))
       ORDER BY created_at, id LIMIT ${PAGE}`,
      { provider, ...after },
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows.map(({ id, providerPaymentId }) => ({ paymentId: id, providerPaymentId }));
    if (rows.length < PAGE) return;
    after = { createdAt: last.createdAt, id: last.id };
  }
}

interface CapturedRow {
  id: string;
  providerPaymentId: string | null;
  createdAt: string;
}

/**
 * Returns what an operator is told of a payment that is refunded; undefined when it is not on
 * record.
 */
export async function findRefundSubject(
  db: Db,
  paymentId: string,
  refundId?: string,
): Promise<RefundSubject | undefined> {
  const { rows } = await db.raw<{
    rows: (RefundSubject & Money & { owedAmount: number | null })[];
  }>(
    `SELECT p.provider, p.provider_payment_id AS "providerPaymentId", p.amount, p.currency, r.amount AS "owedAmount",
       coalesce(r.reason, 'outcome_unknown') AS reason, b.reference,
       CASE WHEN b.id IS NULL THEN '[]' WHEN b.segment_count = 1 THEN json_build_array(f.flight_number)
         ELSE (SELECT json_agg(s.flight_number ORDER BY g.position)
           FROM booking_segments g JOIN flights s ON s.id = g.flight_id WHERE g.booking_id = b.id)
       END AS "flightNumbers"
     FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
       AND (r.id = CAST(:refundId AS uuid) OR CAST(:refundId AS uuid) IS NULL AND r.change_id IS NULL)
     LEFT JOIN bookings b ON b.id = p.booking_id LEFT JOIN flights f ON f.id = b.flight_id
     WHERE p.id = :paymentId`,
    { paymentId, refundId: refundId ?? null },
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
  values: Record<string, string | readonly string[]>,
): Promise<PaymentOnRecord[]> {
  const { rows } = await db.raw<{ rows: PaymentRow[] }>(
    `SELECT p.*, r.status AS refund_status, r.amount AS refund_amount, r.currency AS refund_currency,
       r.reason AS refund_reason, r.is_by_hand, r.change_refund_id,
       (SELECT CAST(coalesce(sum(l.amount), 0) AS bigint)
        FROM ledger_transactions t JOIN ledger_postings l ON l.transaction_id = t.id
        WHERE t.payment_id = p.id AND t.kind IN ('provider_refund', 'provider_refund_reversed')
          AND l.account = 'suspense:provider_refunds') AS refunded_by_provider
     FROM payments p
     LEFT JOIN LATERAL (
       -- A payment of a changed booking may have several: the least settled one, and their sum.
       SELECT CAST(sum(o.amount) OVER () AS bigint) AS amount, o.currency, o.status, o.reason,
         bool_or(o.settled_by IS NOT NULL) OVER () AS is_by_hand,
         CASE WHEN o.change_id IS NOT NULL THEN o.id END AS change_refund_id
       FROM refunds o WHERE o.payment_id = p.id
       ORDER BY array_position(ARRAY['needs_operator', 'pending', 'succeeded'], o.status),
         o.created_at DESC LIMIT 1
     ) r ON true
     WHERE ${which} ORDER BY p.created_at, p.id`,
    values as Record<string, string>,
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
  is_by_hand: boolean;
  change_refund_id: string | null;
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
            isSettledByHand: row.is_by_hand,
            changeRefundId: row.change_refund_id,
          },
  };
}
