import type { Db } from '../../src/db/connection';
import { searchFlights, type FlightSearch } from '../../src/db/flights/flight-view';
import { searchSlices } from '../../src/db/flights/slice-view';

/** A kind of search that is measured. */
export interface SearchKind {
  name: string;
  /** A query of the `origin`, `destination` and `date` that are searched, in the first week. */
  routes: string;
  search(db: Db, search: FlightSearch): Promise<unknown>;
}

/** From tomorrow on, for a week: what has left today is not found any more. */
const COMING = 'departure_date BETWEEN current_date + 1 AND current_date + 7';

/** The routes that are flown: with one end in New York, so that a connection leads astray. */
const FLOWN = `
  SELECT DISTINCT origin, destination, departure_date::text AS date FROM flights WHERE ${COMING}`;

/** Between places that are both reached from New York only: a connection is the only way. */
const OVER_NEW_YORK = `
  SELECT DISTINCT f.origin, d.iata AS destination, f.departure_date::text AS date
  FROM flights f JOIN airports o ON o.iata = f.origin
  JOIN airports d ON d.iata <> f.origin AND d.metropolitan_area IS DISTINCT FROM 'NYC'
  WHERE o.metropolitan_area IS DISTINCT FROM 'NYC' AND ${COMING}`;

export const SEARCH_KINDS: readonly SearchKind[] = [
  { name: 'flights', routes: FLOWN, search: searchFlights },
  { name: 'slices without connections', routes: FLOWN, search: slices(0) },
  { name: 'slices, flown directly', routes: FLOWN, search: slices(1) },
  { name: 'slices over New York', routes: OVER_NEW_YORK, search: slices(1) },
  { name: 'up to two connections, flown directly', routes: FLOWN, search: slices(2) },
  { name: 'up to two connections over New York', routes: OVER_NEW_YORK, search: slices(2) },
];

function slices(connections: number): SearchKind['search'] {
  return (db, search) =>
    searchSlices(db, { ...search, cabin: 'economy', connections, after: null });
}
