import type { Cabin } from '../../domain/cabin';
import type { Db } from '../connection';
import {
  ARCHIVED_SEATS,
  FLIGHT_COLUMNS,
  fromFlights,
  toFlight,
  type Flight,
  type FlightRow,
} from './flight-columns';

export const FLIGHT_SORTS = ['departure', 'price', 'duration'] as const;

export type FlightSort = (typeof FLIGHT_SORTS)[number];

export interface FlightSearch {
  /** Codes of airports, one or more each. */
  origins: readonly string[];
  destinations: readonly string[];
  /** The local date at the origin, `YYYY-MM-DD`. */
  date: string;
  passengers: number;
  /** If given, only this cabin counts, and is shown. */
  cabin: Cabin | null;
  sort: FlightSort;
  limit: number;
  /** Flights that depart before this instant are no longer sold. */
  departingAfter: Date;
  /** The last flight of the previous page. */
  after: FlightPosition | null;
}

/**
 * The position of a flight in the order of a search: the value that it is sorted by, then its ID.
 */
export interface FlightPosition {
  sortKey: number;
  id: string;
}

export interface FoundFlight {
  flight: Flight;
  position: FlightPosition;
}

/**
 * Finds the flights of one day between these airports that have seats for the whole party in one
 * cabin, in the requested order.
 *
 * Route and day are found by index, one lookup for each pair of airports, and so are the free seats
 * of each flight. The cost doesn't grow with the days on sale.
 */
export async function searchFlights(db: Db, search: FlightSearch): Promise<FoundFlight[]> {
  const { origins, destinations, date, passengers, cabin, sort, limit, departingAfter, after } =
    search;
  const query = db.raw(
    `SELECT * FROM (
       SELECT ${FLIGHT_COLUMNS}, ${SORT_KEYS[sort]} AS sort_key
       ${fromFlights()}
       WHERE f.origin = ANY(:origins) AND f.destination = ANY(:destinations) AND f.departure_date = :date
         AND f.departure_at > :departingAfter AND f.status <> 'cancelled'
         AND offers.lowest_price IS NOT NULL
     ) found
     WHERE :first OR (sort_key, id) > (:afterKey, CAST(:afterId AS uuid))
     ORDER BY sort_key, id LIMIT :limit`,
    {
      origins: [...origins],
      destinations: [...destinations],
      date,
      passengers,
      cabin,
      departingAfter,
      limit,
      first: after === null,
      afterKey: after?.sortKey ?? 0,
      afterId: after?.id ?? '00000000-0000-0000-0000-000000000000',
    },
  );
  // Planning takes longer than carrying it out. Prepared by name, it need not be done each time.
  const { rows } = (await query.options({ name: `search_flights_${sort}` })) as {
    rows: (FlightRow & { sort_key: number })[];
  };
  return rows.map((row) => ({
    flight: toFlight(row),
    position: { sortKey: row.sort_key, id: row.id },
  }));
}

/** Reads one flight, with all its cabins. It may have left long ago. */
export async function findFlight(db: Db, flightId: string): Promise<Flight | undefined> {
  const { rows } = await db.raw<{ rows: FlightRow[] }>(
    `SELECT ${FLIGHT_COLUMNS} ${fromFlights(ARCHIVED_SEATS)} WHERE f.id = :flightId`,
    { flightId, cabin: null, passengers: 1 },
  );
  return rows[0] && toFlight(rows[0]);
}

/** What each order sorts by: whole numbers, so that a cursor can name a position exactly. */
const SORT_KEYS: Record<FlightSort, string> = {
  departure: '(extract(epoch FROM f.departure_at) * 1000)::bigint',
  price: 'offers.lowest_price',
  duration: 'extract(epoch FROM f.arrival_at - f.departure_at)::bigint',
};
