import { UNDER_WAY } from '../domain/payment';
import type { Db } from './connection';

/** Far longer than a workflow needs that looks after it: what is open for longer may have nobody. */
const OPEN_FOR = '10 minutes';

/** How many are looked at in one run; the rest waits for the next. */
const BATCH = 500;

/** A payment that is open, and the booking whose workflow may be at it; null when that is no booking of ours. */
export interface UnfinishedPayment {
  paymentId: string;
  bookingId: string | null;
}

/** Finds charges that have been under way for long, the oldest first. */
export async function findUnfinishedCharges(db: Db): Promise<UnfinishedPayment[]> {
  const rows = await db('payments')
    .whereIn('status', UNDER_WAY)
    .whereRaw(`created_at < now() - interval '${OPEN_FOR}'`)
    .orderBy('created_at')
    .limit(BATCH)
    .select('id', 'booking_id');
  return rows.map(({ id, booking_id }) => ({ paymentId: id, bookingId: booking_id }));
}

/** Finds payments whose refund has been open for long, be it with the provider or with a person; the oldest first. */
export async function findUnfinishedRefunds(db: Db): Promise<string[]> {
  const rows = await db('refunds')
    .whereNot({ status: 'succeeded' })
    .whereRaw(`created_at < now() - interval '${OPEN_FOR}'`)
    .orderBy('created_at')
    .limit(BATCH)
    .select('payment_id');
  return rows.map(({ payment_id }) => payment_id);
}
