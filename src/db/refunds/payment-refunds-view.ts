import type { RefundStatus } from '../../domain/booking';
import type { Money } from '../../domain/money';
import type { Db } from '../connection';

/** One refund of a payment. */
export interface RefundOfPayment {
  refundId: string;
  /** Whether it belongs to a change; else it is the final one of the payment. */
  isOfChange: boolean;
  status: RefundStatus;
  reason: string;
  money: Money;
}

/** Lists all refunds of a payment, the oldest first. */
export async function listRefundsOfPayment(db: Db, paymentId: string): Promise<RefundOfPayment[]> {
  const rows = await db('refunds').where({ payment_id: paymentId }).orderBy(['created_at', 'id']);
  return rows.map(({ id, change_id, status, reason, amount, currency }) => ({
    refundId: id,
    isOfChange: change_id !== null,
    status: status as RefundStatus,
    reason,
    money: { amount, currency },
  }));
}
