import { isUnderWay, type PaymentStatus } from '../../domain/payment';
import type { UnfinishedChange } from '../../temporal/contracts/booking';
import type { Db } from '../connection';
import { inPages } from '../pages';

/**
 * Returns the change of a booking that is pending, and its charge if one is under way. One whose
 * charge was undone, or left to an operator, can't be completed any more.
 */
export async function findUnfinishedChange(
  db: Db,
  bookingId: string,
): Promise<UnfinishedChange | undefined> {
  const change = await db('changes').where({ booking_id: bookingId, status: 'pending' }).first();
  if (change === undefined) return undefined;
  const { id: changeId, request_fingerprint: fingerprint } = change;
  const known = { changeId, fingerprint };
  const completable = { ...known, completableUntil: change.payment_required_by.toISOString() };
  const charge = await db('payments').where({ change_id: changeId }).first();
  if (charge === undefined) return completable;
  const { id: paymentId, status, amount, currency } = charge;
  if (!isUnderWay(status as PaymentStatus)) return known;
  const refund = await db('refunds').where({ payment_id: paymentId }).first('id');
  const charged = { charge: { paymentId, bookingId, amount, currency } };
  return { ...(refund === undefined ? completable : known), ...charged };
}

/** A change takes seconds, unless its customer confirms with their bank. */
const PENDING_FOR = '10 minutes';

/** Finds all bookings with a change that has been pending for long, page by page, the oldest first. */
export async function* pageLongChanges(db: Db): AsyncGenerator<string[]> {
  const query = `
    SELECT booking_id AS id, created_at AS sort_key FROM changes
    WHERE status = 'pending' AND created_at < now() - interval '${PENDING_FOR}'`;
  for await (const page of inPages(db, query)) yield page.map(({ id }) => id);
}
