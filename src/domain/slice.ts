/** One flight of a slice, as far as it has to fit the others. */
export interface Segment {
  origin: string;
  destination: string;
  departureAt: Date;
  arrivalAt: Date;
}

/** The least time in which passengers and bags change planes within one airport. */
export const MIN_CONNECTION_MINUTES = 45;

/** Who waits longer has a stopover, not a connection. */
export const MAX_CONNECTION_MINUTES = 6 * 60;

/** From the first departure to the last arrival. */
export const MAX_SLICE_MINUTES = 24 * 60;

export const MAX_CONNECTIONS = 2;

/** What is wrong with a slice. */
export type SliceFault =
  | 'too_many_segments'
  | 'another_airport'
  | 'airport_twice'
  | 'connection_too_short'
  | 'connection_too_long'
  | 'slice_too_long';

/**
 * Finds what makes flights, in their order, no legal slice: the index of the first flight that
 * does not fit those before it, and why. Returns undefined for a legal slice.
 *
 * A connection is at one airport, no airport comes twice, and times are limited on both sides.
 */
export function findSliceFault(
  segments: readonly Segment[],
): { index: number; fault: SliceFault } | undefined {
  for (const index of segments.keys()) {
    const fault = faultOfLast(segments.slice(0, index + 1));
    if (fault !== undefined) return { index, fault };
  }
  return undefined;
}

/** Checks the last of some flights against those before it, which fit each other. */
function faultOfLast(segments: readonly Segment[]): SliceFault | undefined {
  const [first, last] = [segments.at(0), segments.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (segments.length > MAX_CONNECTIONS + 1) return 'too_many_segments';
  const before = segments.at(-2);
  if (before !== undefined) {
    if (before.destination !== last.origin) return 'another_airport';
    const minutes = minutesBetween(before.arrivalAt, last.departureAt);
    if (minutes < MIN_CONNECTION_MINUTES) return 'connection_too_short';
    if (minutes > MAX_CONNECTION_MINUTES) return 'connection_too_long';
  }
  if (segments.some(({ origin }) => origin === last.destination)) return 'airport_twice';
  if (minutesBetween(first.departureAt, last.arrivalAt) > MAX_SLICE_MINUTES)
    return 'slice_too_long';
  return undefined;
}

/** Returns the minutes from one instant to another, with fractions. */
function minutesBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 60_000;
}
