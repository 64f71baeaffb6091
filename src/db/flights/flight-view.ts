import type { Airport } from '../../domain/booking';
import { CABINS, type Cabin } from '../../domain/cabin';
import type { FareConditions } from '../../domain/fare';
import type { Money } from '../../domain/money';
import type { Db } from '../connection';
import { AIRPORT_COLUMNS, AIRPORT_JOINS } from './airports';

/**
 * A flight as customers see it: plain JSON, instants in ISO 8601. Prices are for one adult, all
 * included.
 */
export interface Flight {
  id: string;
  flightNumber: string;
  carrier: { code: string; name: string };
  origin: Airport;
  destination: Airport;
  departureAt: string;
  arrivalAt: string;
  aircraft: { model: string };
  cabins: { cabin: Cabin; availableSeats: number; price: Money; conditions: FareConditions }[];
}

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
  const { rows } = await db.raw<{ rows: (FlightRow & { sort_key: number })[] }>(
    `SELECT * FROM (
       SELECT ${FLIGHT_COLUMNS}, ${SORT_KEYS[sort]} AS sort_key
       ${fromFlights()}
       WHERE f.origin = ANY(:origins) AND f.destination = ANY(:destinations) AND f.departure_date = :date
         AND f.departure_at > :departingAfter AND offers.lowest_price IS NOT NULL
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

const FLIGHT_COLUMNS = `
  f.id, f.flight_number, f.carrier_code, carriers.name AS carrier_name, f.departure_at, f.arrival_at,
  f.aircraft_model, offers.cabins, ${AIRPORT_COLUMNS}`;

/** Those that were free when the flight left, and are archived; added to the free ones. */
const ARCHIVED_SEATS = `
  + coalesce((SELECT cardinality(u.seat_numbers) FROM unsold_seats u
    WHERE u.flight_id = c.flight_id AND u.cabin = c.cabin), 0)`;

const fromFlights = (archived = '') => `
  FROM flights f
  JOIN carriers ON carriers.code = f.carrier_code
  ${AIRPORT_JOINS}
  CROSS JOIN LATERAL (
    SELECT
      json_agg(json_build_object(
        'cabin', c.cabin,
        'availableSeats', free.seats,
        'price', json_build_object('amount', c.base_amount + c.taxes_amount + c.fees_amount, 'currency', c.currency),
        'conditions', json_build_object('refundable', c.refundable, 'cancellationFee',
          json_build_object('amount', c.cancellation_fee_amount, 'currency', c.currency))
      )) AS cabins,
      min(c.base_amount + c.taxes_amount + c.fees_amount) FILTER (WHERE free.seats >= :passengers) AS lowest_price
    FROM flight_cabins c
    CROSS JOIN LATERAL (
      SELECT count(*) ${archived} AS seats FROM seats s
      WHERE s.flight_id = c.flight_id AND s.cabin = c.cabin AND s.state = 'free'
    ) free
    WHERE c.flight_id = f.id AND (CAST(:cabin AS text) IS NULL OR c.cabin = :cabin)
  ) offers`;

interface FlightRow {
  id: string;
  flight_number: string;
  carrier_code: string;
  carrier_name: string;
  origin: Airport;
  destination: Airport;
  departure_at: Date;
  arrival_at: Date;
  aircraft_model: string;
  cabins: Flight['cabins'];
}

function toFlight(row: FlightRow): Flight {
  return {
    id: row.id,
    flightNumber: row.flight_number,
    carrier: { code: row.carrier_code, name: row.carrier_name },
    origin: row.origin,
    destination: row.destination,
    departureAt: row.departure_at.toISOString(),
    arrivalAt: row.arrival_at.toISOString(),
    aircraft: { model: row.aircraft_model },
    cabins: row.cabins.sort((a, b) => CABINS.indexOf(a.cabin) - CABINS.indexOf(b.cabin)),
  };
}
