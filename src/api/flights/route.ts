import type { Db } from '../../db/connection';
import { airportsOf } from '../../db/flights/airport-view';
import { Problem } from '../problem';

/**
 * Returns the airports of a search's route: `NYC` to `ORD` is from any of EWR, JFK and LGA.
 *
 * @throws Problem `validation_failed` for an unknown code, and for two codes with an airport in
 * common. Such a search can't find what was meant, and an empty list would look like a day without
 * flights.
 */
export async function findRoute(
  db: Db,
  { origin, destination }: { origin: string; destination: string },
): Promise<{ origins: string[]; destinations: string[] }> {
  const [origins, destinations] = await Promise.all([
    airportsOf(db, origin),
    airportsOf(db, destination),
  ]);
  const faults = [
    ...(origins.length === 0 ? [unknown('/origin', origin)] : []),
    ...(destinations.length === 0 ? [unknown('/destination', destination)] : []),
    ...(origins.some((code) => destinations.includes(code))
      ? [{ pointer: '/destination', detail: `${destination} and ${origin} are the same place.` }]
      : []),
  ];
  if (faults.length > 0)
    throw new Problem('validation_failed', 'The request is not valid.', { errors: faults });
  return { origins, destinations };
}

/**
 * Returns the airports of two places of which either may be left out: null then.
 *
 * @throws Problem `validation_failed` for an unknown code.
 */
export async function findPlaces(
  db: Db,
  { origin, destination }: { origin?: string | undefined; destination?: string | undefined },
): Promise<{ origins: string[] | null; destinations: string[] | null }> {
  const find = async (code: string | undefined) =>
    code === undefined ? null : await airportsOf(db, code);
  const [origins, destinations] = await Promise.all([find(origin), find(destination)]);
  const faults = [
    ...(origins?.length === 0 ? [unknown('/origin', String(origin))] : []),
    ...(destinations?.length === 0 ? [unknown('/destination', String(destination))] : []),
  ];
  if (faults.length > 0)
    throw new Problem('validation_failed', 'The request is not valid.', { errors: faults });
  return { origins, destinations };
}

function unknown(pointer: string, code: string) {
  return { pointer, detail: `${code} is no airport or metropolitan area that we fly to or from.` };
}
