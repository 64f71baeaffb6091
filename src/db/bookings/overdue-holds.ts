import type { Db } from '../connection';
import { inPages } from '../pages';
import { putSeatsOnSale } from '../seats/seats';
import { appendEvent } from './events';

/**
 * A hold this long past its deadline, with no payment that explains it: its workflow was
 * terminated, or lost. Ten minutes are far longer than a workflow that is merely late needs.
 */
const OVERDUE = `
  status = 'pending' AND payment_required_by < now() - interval '10 minutes'
  AND NOT EXISTS (
    SELECT FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id
    WHERE p.booking_id = bookings.id AND p.status IN ('processing', 'authorized', 'captured') AND r.id IS NULL)`;

/** Finds all bookings whose holds are overdue, page by page, the oldest first. */
export async function* pageOverdueHolds(db: Db): AsyncGenerator<string[]> {
  const query = `SELECT id, payment_required_by AS sort_key FROM bookings WHERE ${OVERDUE}`;
  for await (const page of inPages(db, query)) yield page.map(({ id }) => id);
}

/**
 * Cancels a booking whose hold is overdue, and frees its seats. Returns false when it isn't
 * overdue, or no longer is. Safe to retry.
 */
export async function releaseOverdueHold(db: Db, bookingId: string): Promise<boolean> {
  return db.transaction(async (trx) => {
    const changed = await trx('bookings')
      .where({ id: bookingId })
      .whereRaw(OVERDUE)
      .update({ status: 'cancelled', cancellation_reason: 'payment_expired' });
    if (changed === 0) return false;
    await putSeatsOnSale(trx, bookingId, 'held');
    await appendEvent(trx, {
      bookingId,
      type: 'cancelled',
      actor: { kind: 'system', id: 'reconciliation' },
      reason: 'payment_expired',
    });
    return true;
  });
}
