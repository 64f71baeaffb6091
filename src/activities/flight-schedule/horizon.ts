import { localDateOf } from '../../domain/local-date';
import { daysAfter } from './local-time';
import type { Week } from './week';

/**
 * Returns today's date where outbound flights leave. Where that is in several zones, it is the
 * earliest date, so that no outbound flight of today is left out.
 *
 * Inbound flights leave from Hawaii, too, where it is yesterday for most of the night. Counted from
 * there, a day less would be on sale.
 */
export function todayAtOrigins({ flights }: Week, now: Date): string {
  const outbound = flights.filter(({ direction }) => direction === 'outbound');
  const zones = new Set(outbound.map(({ origin }) => origin.timeZone));
  const [today] = [...zones].map((zone) => localDateOf(now, zone)).sort();
  if (today === undefined) throw new Error('Bug: the week has no flights');
  return today;
}

/** Returns so many dates in a row, beginning with the first. */
export function datesFrom(first: string, days: number): string[] {
  return Array.from({ length: days }, (_, day) => daysAfter(first, day));
}
