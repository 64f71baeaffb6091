import type { Airport } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import { fareRulesOf, type FareRules } from '../../domain/fare';
import type { Money } from '../../domain/money';
import { priceSlice } from '../../domain/slice-price';
import type { Db } from '../connection';
import {
  FLIGHT_COLUMNS,
  fromFlights,
  toFlight,
  type Flight,
  type FlightRow,
} from './flight-columns';
import type { FlightSearch, FlightSort } from './flight-view';
import { SLICES } from './slice-query';

/**
 * A way from an origin to a destination in one direction: plain JSON, instants in ISO 8601. The
 * price is for one adult, all included, and so are the conditions.
 */
export interface Slice {
  origin: Airport;
  destination: Airport;
  departureAt: string;
  arrivalAt: string;
  durationMinutes: number;
  connections: number;
  /** Each with the cabin that was searched, and no other. */
  segments: Flight[];
  price: Money;
  conditions: FareRules;
}

export interface SliceSearch extends Omit<FlightSearch, 'cabin' | 'after'> {
  /** A booking has one cabin, so a slice is searched in one. */
  cabin: Cabin;
  /** The most connections, 0 to 2. */
  connections: number;
  /** The last slice of the previous page. */
  after: SlicePosition | null;
}

/**
 * The position of a slice in the order of a search: the value that it is sorted by, its arrival in
 * milliseconds, then the IDs of its flights.
 */
export interface SlicePosition {
  sortKey: number;
  arrivalKey: number;
  ids: string[];
}

export interface FoundSlice {
  slice: Slice;
  position: SlicePosition;
}

/**
 * Finds the legal slices of one day between these airports, with seats for the whole party in the
 * cabin on every flight, in the requested order; of equals the one that arrives first.
 *
 * Flights are found by index, from the origins onward, and their seats too. Whatever is further
 * away than a day is not read, so the cost doesn't grow with the days on sale.
 */
export async function searchSlices(db: Db, search: SliceSearch): Promise<FoundSlice[]> {
  const { origins, destinations, date, passengers, cabin, departingAfter, limit, after } = search;
  const query = db.raw(
    `WITH ${SLICES[search.connections] ?? unknown(search.connections)},
     found AS MATERIALIZED (
       SELECT * FROM (
         SELECT ids, ${SORT_KEYS[search.sort]} AS sort_key,
           (extract(epoch FROM arrival_at) * 1000)::bigint AS arrival_key
         FROM slices
       ) sorted
       WHERE :first OR (sort_key, arrival_key, ids)
         > (:afterKey, :afterArrival, CAST(:afterIds AS uuid[]))
       ORDER BY sort_key, arrival_key, ids LIMIT :limit
     ),
     segments AS MATERIALIZED (
       SELECT ${FLIGHT_COLUMNS} ${fromFlights()}
       WHERE f.id = ANY(ARRAY(SELECT unnest(ids) FROM found))
     )
     SELECT found.ids, found.sort_key, found.arrival_key, segments.*
     FROM found
     CROSS JOIN LATERAL unnest(found.ids) WITH ORDINALITY AS segment (id, position)
     JOIN segments ON segments.id = segment.id
     ORDER BY found.sort_key, found.arrival_key, found.ids, segment.position`,
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
      afterArrival: after?.arrivalKey ?? 0,
      afterIds: after?.ids ?? [],
    },
  );
  // Planning takes longer than all the rest. Prepared by name, it need not be done each time.
  const { rows } = (await query.options({
    name: `search_slices_${search.connections}_${search.sort}`,
  })) as { rows: SegmentRow[] };
  return slicesOf(rows);
}

function unknown(connections: number): never {
  throw new Error(`Bug: a slice of ${connections} connections`);
}

/** What each order sorts by: whole numbers, so that a cursor can name a position exactly. */
const SORT_KEYS: Record<FlightSort, string> = {
  departure: '(extract(epoch FROM departure_at) * 1000)::bigint',
  price: 'price',
  duration: 'extract(epoch FROM arrival_at - departure_at)::bigint',
};

/** A flight of a slice. The rows of a slice follow each other, in the order of its flights. */
interface SegmentRow extends FlightRow {
  ids: string[];
  sort_key: number;
  arrival_key: number;
}

function slicesOf(rows: readonly SegmentRow[]): FoundSlice[] {
  const found: FoundSlice[] = [];
  for (let index = 0; index < rows.length;) {
    const { ids, sort_key: sortKey, arrival_key: arrivalKey } = rows[index] ?? missing();
    const flights = rows.slice(index, index + ids.length).map(toFlight);
    found.push({ slice: toSlice(flights), position: { sortKey, arrivalKey, ids } });
    index += ids.length;
  }
  return found;
}

function toSlice(segments: Flight[]): Slice {
  const [first, last] = [segments.at(0) ?? missing(), segments.at(-1) ?? missing()];
  const elapsedMs = Date.parse(last.arrivalAt) - Date.parse(first.departureAt);
  const { price, conditions } = priceSlice(
    segments.map(({ cabins: [offer] }) => offer ?? missing()),
  );
  return {
    origin: first.origin,
    destination: last.destination,
    departureAt: first.departureAt,
    arrivalAt: last.arrivalAt,
    durationMinutes: Math.round(elapsedMs / 60_000),
    connections: segments.length - 1,
    segments,
    price,
    conditions: fareRulesOf(conditions),
  };
}

function missing(): never {
  throw new Error('Bug: a slice was found without one of its flights');
}
