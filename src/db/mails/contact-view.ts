import type { Db } from '../connection';

/** Returns the address of a booking's contact; undefined where there is none, or no more. */
export async function readContactAddress(db: Db, bookingId: string): Promise<string | undefined> {
  const row = await db('bookings').where({ id: bookingId }).first('contact_email');
  return row?.contact_email ?? undefined;
}
