import type { RefundStatus } from '../domain/booking';
import type { Money } from '../domain/money';
import type { PaymentStatus } from '../domain/payment';
import type { Db } from './connection';

/** A payment as we have it on record, as far as its provider has a record of it, too. */
export interface PaymentRecord {
  paymentId: string;
  status: PaymentStatus;
  money: Money;
  providerPaymentId: string | null;
  refund: { status: RefundStatus; amount: number; isSettledByHand: boolean } | null;
}

/** Finds our record of a provider's payment: by its own ID, or by ours where no answer brought that. One that was made twice is on record once. */
export async function findPaymentRecord(
  db: Db,
  provider: string,
  ids: { providerPaymentId: string; paymentId: string | null },
): Promise<PaymentRecord | undefined> {
  const { rows } = await db.raw<{ rows: RecordRow[] }>(
    `${RECORD_SQL} WHERE p.provider = :provider AND (p.provider_payment_id = :providerPaymentId
       OR (p.provider_payment_id IS NULL AND CAST(p.id AS text) = :paymentId))`,
    { provider, providerPaymentId: ids.providerPaymentId, paymentId: ids.paymentId },
  );
  return rows[0] && toRecord(rows[0]);
}

/** Our records of money that a provider has taken since then. */
export async function listCapturedRecords(
  db: Db,
  provider: string,
  since: Date,
): Promise<PaymentRecord[]> {
  const { rows } = await db.raw<{ rows: RecordRow[] }>(
    `${RECORD_SQL} WHERE p.provider = :provider AND p.status = 'captured' AND p.created_at >= :since ORDER BY p.created_at, p.id`,
    { provider, since },
  );
  return rows.map(toRecord);
}

const RECORD_SQL = `
  SELECT p.id, p.status, p.amount, p.currency, p.provider_payment_id, r.status AS refund_status, r.amount AS refund_amount,
    r.settled_by
  FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id`;

interface RecordRow {
  id: string;
  status: PaymentStatus;
  amount: number;
  currency: string;
  provider_payment_id: string | null;
  refund_status: RefundStatus | null;
  refund_amount: number;
  settled_by: string | null;
}

function toRecord(row: RecordRow): PaymentRecord {
  return {
    paymentId: row.id,
    status: row.status,
    money: { amount: row.amount, currency: row.currency },
    providerPaymentId: row.provider_payment_id,
    refund:
      row.refund_status === null
        ? null
        : {
            status: row.refund_status,
            amount: row.refund_amount,
            isSettledByHand: row.settled_by !== null,
          },
  };
}
