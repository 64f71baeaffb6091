import type { Db } from '../connection';

/** Notes that a booking could not be told. Nothing changes if it was told meanwhile. */
export async function recordUntold(db: Db, id: string, bookingId: string): Promise<void> {
  await db('booking_schedule_changes')
    .where({ schedule_change_id: id, booking_id: bookingId, state: 'pending' })
    .update({ state: 'failed' });
}
