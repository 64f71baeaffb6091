import { dateIn, daysAfter } from './local-time';
import type { Week } from './week';

/**
 * Returns today's date at the origins. Where they are in several zones, it is the earliest date, so
 * that no flight of today is left out.
 */
export function todayAtOrigins(week: Week, now: Date): string {
  const zones = new Set(week.flights.map((flight) => flight.origin.timeZone));
  const [today] = [...zones].map((zone) => dateIn(zone, now)).sort();
  if (today === undefined) throw new Error('Bug: the week has no flights');
  return today;
}

/** Returns so many dates in a row, beginning with the first. */
export function datesFrom(first: string, days: number): string[] {
  return Array.from({ length: days }, (_, day) => daysAfter(first, day));
}
