import type { Money } from '../../domain/money';
import type { Db } from '../connection';

/** Returns what the latest change of a booking cost, or gave back; undefined if there was none. */
export async function readLatestChangeCost(
  db: Db,
  bookingId: string,
): Promise<{ toPay: Money; toRefund: Money } | undefined> {
  const row = await db('changes')
    .where({ booking_id: bookingId, status: 'completed' })
    .orderBy('decided_at', 'desc')
    .first('to_pay_amount', 'to_refund_amount', 'currency');
  if (row === undefined) return undefined;
  const { currency } = row;
  return {
    toPay: { amount: row.to_pay_amount, currency },
    toRefund: { amount: row.to_refund_amount, currency },
  };
}
