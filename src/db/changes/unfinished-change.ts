import { UNDER_WAY } from '../../domain/payment';
import type { UnfinishedChange } from '../../temporal/contracts';
import type { Db } from '../connection';

/** Returns the change of a booking that is pending, and its charge if one is under way. */
export async function findUnfinishedChange(
  db: Db,
  bookingId: string,
): Promise<UnfinishedChange | undefined> {
  const change = await db('changes').where({ booking_id: bookingId, status: 'pending' }).first();
  if (change === undefined) return undefined;
  const { id: changeId, request_fingerprint: fingerprint } = change;
  const charge = await db('payments')
    .where({ change_id: changeId })
    .whereIn('status', UNDER_WAY)
    .first('id', 'amount', 'currency');
  if (charge === undefined) return { changeId, fingerprint };
  const { id: paymentId, amount, currency } = charge;
  return { changeId, fingerprint, charge: { paymentId, bookingId, amount, currency } };
}
