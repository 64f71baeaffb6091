import { describeAgeFault, findAgeFaults } from '../../domain/age';
import type { ChangedSegment } from '../../domain/changes/changed-itinerary';
import { localDateOf } from '../../domain/local-date';
import { Refusal } from '../../domain/refusal';
import type { Db } from '../connection';
import type { PresentItinerary } from './present-itinerary';

/**
 * Checks the ages of a party on the day of the last flight of a changed itinerary.
 *
 * @throws Refusal `booking_not_changeable` when someone is not of the age any more that they fly as.
 */
export async function requireFittingAges(
  db: Db,
  { party }: Pick<PresentItinerary, 'party'>,
  slices: readonly (readonly ChangedSegment[])[],
): Promise<void> {
  if (party.every(({ bornOn }) => bornOn === null)) return;
  const last = slices.flat().at(-1);
  if (last === undefined) throw new Error('Bug: a booking has no flight');
  const origin = await db('airports').where({ iata: last.origin }).first('time_zone');
  if (origin === undefined) throw new Error(`Bug: there is no airport ${last.origin}`);
  const [fault] = findAgeFaults(party, localDateOf(last.departureAt, origin.time_zone));
  if (fault !== undefined) throw new Refusal('booking_not_changeable', describeAgeFault(fault));
}
