import type { BookedFlight, BookedSegment, BookedSlice, Booking } from './booking';
import type { Cabin } from './cabin';
import { findSliceFault, type Segment, type SliceFault } from './slice';

/** More are sold by the group sales department, here as at most airlines. */
export const MAX_SLICES = 6;
export const MAX_SEGMENTS = 8;

/** What is wrong with an itinerary: with one of its slices, or with how they follow each other. */
export type ItineraryFault = SliceFault | 'too_many_flights' | 'flight_twice' | 'slice_too_early';

/** The flight that does not fit those before it: its slice, and its place in it; and why. */
export interface MisplacedFlight {
  slice: number;
  segment: number;
  fault: ItineraryFault;
}

/**
 * Finds what is wrong with flights that are only known by their IDs: too many of them, or one of
 * them twice. Returns the first flight at fault; undefined if there is none.
 */
export function findRepeatedFlight(
  slices: readonly (readonly string[])[],
): MisplacedFlight | undefined {
  const known = new Set<string>();
  for (const [slice, ids] of slices.entries())
    for (const [segment, id] of ids.entries()) {
      if (known.has(id)) return { slice, segment, fault: 'flight_twice' };
      known.add(id);
      if (known.size > MAX_SEGMENTS) return { slice, segment, fault: 'too_many_flights' };
    }
  return undefined;
}

/**
 * Finds what makes slices, in their order, no legal itinerary: the first flight that does not fit,
 * and why. Returns undefined for a legal one.
 *
 * Each slice is legal by itself, and none departs before the one before it has arrived. Where a
 * slice begins is free: people come home from another airport.
 */
export function findItineraryFault(
  slices: readonly (readonly Segment[])[],
): MisplacedFlight | undefined {
  let arrivedAt = -Infinity;
  for (const [slice, segments] of slices.entries()) {
    const [first, last] = [segments.at(0), segments.at(-1)];
    if (first === undefined || last === undefined) throw new Error('Bug: a slice has no flight');
    if (first.departureAt.getTime() < arrivedAt)
      return { slice, segment: 0, fault: 'slice_too_early' };
    const misplaced = findSliceFault(segments);
    if (misplaced !== undefined) return { slice, segment: misplaced.index, fault: misplaced.fault };
    arrivedAt = last.arrivalAt.getTime();
  }
  return undefined;
}

/** Returns a slice as a booking shows it. Its flights are confirmed. */
export function confirmedSlice(
  segments: readonly { flight: BookedFlight; cabin: Cabin }[],
): BookedSlice {
  return sliceOf(
    segments.map(({ flight, cabin }) => ({ ...flight, cabin, status: 'confirmed' as const })),
  );
}

/** Returns the slice that these segments are, in their order. */
export function sliceOf(segments: readonly BookedSegment[]): BookedSlice {
  const [first, last] = [segments.at(0), segments.at(-1)];
  if (first === undefined || last === undefined) throw new Error('Bug: a slice has no flight');
  return {
    origin: first.origin,
    destination: last.destination,
    departureAt: first.departureAt,
    arrivalAt: last.arrivalAt,
    segments: [...segments],
  };
}

/** What says which flights a booking is for. */
type Flown = Pick<Booking, 'slices' | 'flight' | 'cabin' | 'status'>;

/**
 * Returns the slices of a booking. One that an earlier release wrote down has none: it is of one
 * flight.
 */
export function slicesOf({ slices, flight, cabin, status }: Flown): BookedSlice[] {
  const segment: BookedSegment = {
    ...flight,
    cabin,
    status: status === 'cancelled' ? 'cancelled' : 'confirmed',
  };
  return slices ?? [sliceOf([segment])];
}

/** Returns all flights of a booking, in the order in which they are flown. */
export function segmentsOf(booking: Flown): BookedSegment[] {
  return slicesOf(booking).flatMap(({ segments }) => segments);
}

/** Returns when the last flight of a booking departs: until then something of it can change. */
export function lastDepartureOf(booking: Flown): Date {
  return new Date((segmentsOf(booking).at(-1) ?? booking.flight).departureAt);
}

/** Returns the numbers of all flights of a booking, in the order in which they are flown. */
export function flightNumbersOf(booking: Flown): string[] {
  return segmentsOf(booking).map(({ flightNumber }) => flightNumber);
}

/** Pairs flights with seats of one passenger; flights without a seat are left out. */
export function seatsOn(
  flightIds: readonly string[],
  seatNumbers: readonly (string | null | undefined)[],
): { flightId: string; seatNumber: string }[] {
  return flightIds.flatMap((flightId, index) => {
    const seatNumber = seatNumbers[index];
    return seatNumber === null || seatNumber === undefined ? [] : [{ flightId, seatNumber }];
  });
}

/** Names the whole way by its airports, a slice after another: `BOS–EWR–SFO · SFO–BOS`. */
export function describeWay(slices: readonly BookedSlice[]): string {
  return slices
    .map(({ origin, segments }) =>
      [origin, ...segments.map(({ destination }) => destination)].map(({ iata }) => iata).join('–'),
    )
    .join(' · ');
}

/** Returns the flights with their departures, such as `UA1287 EWR → LAX 2027-03-01 13:00 UTC`. */
export function describeFlights(slices: readonly BookedSlice[]): string {
  return slices
    .flatMap(({ segments }) => segments)
    .map(({ flightNumber, origin, destination, departureAt, status }) => {
      const departs = `${departureAt.replace('T', ' ').slice(0, 16)} UTC`;
      const way = `${flightNumber} ${origin.iata} → ${destination.iata}`;
      return `${way} ${status === 'cancelled' ? 'cancelled' : departs}`;
    })
    .join('; ');
}
