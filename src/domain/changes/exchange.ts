import { findItineraryFault, findRepeatedFlight, type ItineraryFault } from '../itinerary';
import type { Segment } from '../slice';

/** A slice of a booking, named by its place, that is exchanged for other flights. */
export interface SliceExchange {
  /** The index of the slice in the present itinerary. */
  replaces: number;
  flightIds: readonly string[];
}

export type ExchangeFault = ItineraryFault | 'no_such_slice' | 'slice_twice' | 'same_flights';

/** The exchange that is at fault, and its flight if it is about one. */
export interface MisplacedExchange {
  exchange: number;
  flight?: number;
  fault: ExchangeFault;
}

/** The IDs of the flights of each slice. */
export type FlightsOfSlices = readonly (readonly string[])[];

/** Returns the itinerary after some exchanges. Slices that none names stay. */
export function exchangeSlices(
  present: FlightsOfSlices,
  exchanges: readonly SliceExchange[],
): FlightsOfSlices {
  const replaced = new Map(exchanges.map(({ replaces, flightIds }) => [replaces, flightIds]));
  return present.map((flightIds, slice) => replaced.get(slice) ?? flightIds);
}

/**
 * Finds what is wrong with exchanges as far as their flights' IDs show it. Returns the first at
 * fault; undefined if there is none.
 */
export function findExchangeFault(
  present: FlightsOfSlices,
  exchanges: readonly SliceExchange[],
): MisplacedExchange | undefined {
  const seen = new Set<number>();
  for (const [exchange, { replaces }] of exchanges.entries()) {
    if (replaces >= present.length) return { exchange, fault: 'no_such_slice' };
    if (seen.has(replaces)) return { exchange, fault: 'slice_twice' };
    seen.add(replaces);
  }
  const wanted = exchangeSlices(present, exchanges);
  const repeated = findRepeatedFlight(wanted);
  if (repeated !== undefined) return placeOf(exchanges, repeated);
  const { added, dropped } = compareFlights(present.flat(), wanted.flat());
  return added.length + dropped.length > 0 ? undefined : { exchange: 0, fault: 'same_flights' };
}

/**
 * Finds what makes the itinerary after some exchanges no legal one. Takes the flights of each slice
 * then, kept ones included.
 */
export function findChangedItineraryFault(
  wanted: readonly (readonly Segment[])[],
  exchanges: readonly SliceExchange[],
): MisplacedExchange | undefined {
  const misplaced = findItineraryFault(wanted);
  return misplaced && placeOf(exchanges, misplaced);
}

/**
 * Returns which exchange a fault of the whole itinerary is about. A slice that stays can be at fault
 * only by what replaces another one: its last flight is named, or the first one after it.
 */
function placeOf(
  exchanges: readonly SliceExchange[],
  { slice, segment, fault }: { slice: number; segment: number; fault: ItineraryFault },
): MisplacedExchange {
  const own = exchanges.findIndex(({ replaces }) => replaces === slice);
  if (own >= 0) return { exchange: own, flight: segment, fault };
  const places = exchanges.map(({ replaces }, exchange) => ({ replaces, exchange }));
  places.sort((one, other) => one.replaces - other.replaces);
  const before = places.findLast(({ replaces }) => replaces < slice);
  if (before !== undefined) {
    const last = (exchanges[before.exchange]?.flightIds.length ?? 1) - 1;
    return { exchange: before.exchange, flight: last, fault };
  }
  return { exchange: places[0]?.exchange ?? 0, flight: 0, fault };
}

/** How the flights of two itineraries differ. */
export interface FlightDifference {
  /** In both: their seats and their price stay. */
  kept: string[];
  added: string[];
  dropped: string[];
}

export function compareFlights(
  before: readonly string[],
  after: readonly string[],
): FlightDifference {
  const [old, wanted] = [new Set(before), new Set(after)];
  return {
    kept: after.filter((id) => old.has(id)),
    added: after.filter((id) => !old.has(id)),
    dropped: before.filter((id) => !wanted.has(id)),
  };
}
