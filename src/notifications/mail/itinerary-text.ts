import type { BookedSegment, BookedSlice, Airport } from '../../domain/booking';
import type { Cabin } from '../../domain/cabin';
import { describeWay } from '../../domain/itinerary';
import { dayText, daysBetween, durationText, timeText } from './times';

/** One end of a flight, in words. Times are those of the airport. */
export interface StopText {
  iata: string;
  airport: string;
  time: string;
  day: string;
}

/** A flight, in words. */
export interface FlightText {
  flightNumber: string;
  cabin: string;
  isCancelled: boolean;
  from: StopText;
  to: StopText;
  /** Where the arrival is on another day than the departure: `next day`, `2 days later`. */
  dayChange: string | null;
  duration: string;
  /** How long one waits for it at the connection; null for the first flight of a slice. */
  wait: string | null;
}

/** The way in one direction, in words. */
export interface SliceText {
  /** Its airports: `BOS–EWR–SFO`. */
  way: string;
  day: string;
  flights: FlightText[];
}

export const CABIN_NAMES: Record<Cabin, string> = {
  economy: 'Economy',
  premium_economy: 'Premium economy',
  business: 'Business',
  first: 'First',
};

/** Puts an itinerary into words. */
export function itineraryText(slices: readonly BookedSlice[]): SliceText[] {
  return slices.map((slice) => ({
    way: describeWay([slice]),
    day: dayText(slice.departureAt, slice.origin.timeZone),
    flights: slice.segments.map((segment, index) => flightText(segment, slice.segments[index - 1])),
  }));
}

function flightText(flight: BookedSegment, before: BookedSegment | undefined): FlightText {
  const { origin, destination, departureAt, arrivalAt } = flight;
  const days = daysBetween(
    { at: departureAt, timeZone: origin.timeZone },
    { at: arrivalAt, timeZone: destination.timeZone },
  );
  return {
    flightNumber: flight.flightNumber,
    cabin: CABIN_NAMES[flight.cabin],
    isCancelled: flight.status === 'cancelled',
    from: stopText(origin, departureAt),
    to: stopText(destination, arrivalAt),
    dayChange: dayChangeText(days),
    duration: durationText(departureAt, arrivalAt),
    wait: before === undefined ? null : durationText(before.arrivalAt, departureAt),
  };
}

function stopText({ iata, name, timeZone }: Airport, at: string): StopText {
  return { iata, airport: name, time: timeText(at, timeZone), day: dayText(at, timeZone) };
}

function dayChangeText(days: number): string | null {
  if (days === 0) return null;
  if (days === 1) return 'next day';
  if (days === -1) return 'the day before';
  return days > 0 ? `${String(days)} days later` : `${String(-days)} days before`;
}
