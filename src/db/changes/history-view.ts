import type { ChangeFailure, ChangeStatus } from '../../domain/changes/change';
import type { Money } from '../../domain/money';
import type { Db } from '../connection';

/** A change of a booking as operators see it; instants in ISO 8601. */
export interface ChangeOnRecord {
  changeId: string;
  status: ChangeStatus;
  failure: ChangeFailure | null;
  newTotal: Money;
  toPay: Money;
  toRefund: Money;
  paymentRequiredBy: string;
  createdAt: string;
}

/** Lists the changes of a booking, the oldest first. */
export async function listChangesOnRecord(db: Db, bookingId: string): Promise<ChangeOnRecord[]> {
  const rows = await db('changes').where({ booking_id: bookingId }).orderBy('created_at');
  return rows.map((row) => {
    const money = (amount: number) => ({ amount, currency: row.currency });
    return {
      changeId: row.id,
      status: row.status as ChangeStatus,
      failure: row.failure as ChangeFailure | null,
      newTotal: money(row.price_amount),
      toPay: money(row.to_pay_amount),
      toRefund: money(row.to_refund_amount),
      paymentRequiredBy: row.payment_required_by.toISOString(),
      createdAt: row.created_at.toISOString(),
    };
  });
}
