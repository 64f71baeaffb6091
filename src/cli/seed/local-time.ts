// JavaScript's coming date and time API, which is no relation of the workflow engine.
import { Temporal } from '@js-temporal/polyfill';

/**
 * The instant at which clocks in `timeZone` show `time` (`HH:MM`) on `date` (`YYYY-MM-DD`).
 *
 * Twice a year that isn't plain. A time that the change to summer skips moves forward by what was
 * skipped; one that happens twice in autumn is the first. RFC 5545 (3.3.5) reads local times so,
 * and calls for the same of every calendar.
 */
export function instantOf(date: string, time: string, timeZone: string): Date {
  const local = Temporal.PlainDateTime.from(`${date}T${time}`);
  // 'compatible' is the name of that rule; it is the default, and said here because we rely on it.
  const zoned = local.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  return new Date(zoned.epochMilliseconds);
}

/** The calendar date in `timeZone` at the instant `now`. */
export function dateIn(timeZone: string, now: Date): string {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

export function daysAfter(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Whole days from one date to another; negative when the other is earlier. */
export function daysBetween(date: string, other: string): number {
  return Temporal.PlainDate.from(date).until(Temporal.PlainDate.from(other)).days;
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: string): number {
  return Temporal.PlainDate.from(date).dayOfWeek;
}
