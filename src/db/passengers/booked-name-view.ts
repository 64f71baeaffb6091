import type { FullName } from '../../domain/name-correction';
import type { Db } from '../connection';

/** Reads the name that a passenger was booked under first; undefined when there is nobody. */
export async function readBookedName(
  db: Db,
  bookingId: string,
  position: number,
): Promise<FullName | undefined> {
  const row = await db('passengers')
    .where({ booking_id: bookingId, position })
    .first('given_name', 'family_name', 'booked_name');
  if (row === undefined) return undefined;
  const present = { givenName: row.given_name, familyName: row.family_name };
  return (row.booked_name as FullName | null) ?? present;
}
