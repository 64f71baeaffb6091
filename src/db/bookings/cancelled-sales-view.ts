import type { Db } from '../connection';

/**
 * Finds the sold bookings that were cancelled since then. Each has a posting in the ledger, which an
 * index by time finds.
 */
export async function listCancelledSales(db: Db, since: Date): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    `SELECT booking_id AS id FROM ledger_transactions
     WHERE kind = 'cancellation' AND occurred_at >= :since AND booking_id IS NOT NULL`,
    { since },
  );
  return rows.map(({ id }) => id);
}
