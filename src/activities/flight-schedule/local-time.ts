// JavaScript's future date and time API, which has nothing to do with the workflow engine.
import { Temporal } from '@js-temporal/polyfill';

/**
 * Returns the instant at which clocks in `timeZone` show `time` (`HH:MM`) on `date` (`YYYY-MM-DD`).
 *
 * Twice a year that is ambiguous. A time that the change to summer time skips moves forward by the
 * skipped time. A time that occurs twice in autumn is the first one. This is the rule of RFC 5545
 * (3.3.5) for calendars.
 */
export function instantOf(date: string, time: string, timeZone: string): Date {
  const local = Temporal.PlainDateTime.from(`${date}T${time}`);
  // 'compatible' is the name of that rule. It is the default, set explicitly because we rely on it.
  const zoned = local.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
  return new Date(zoned.epochMilliseconds);
}

export function daysAfter(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Returns the whole days from one date to another; negative when the other is earlier. */
export function daysBetween(date: string, other: string): number {
  return Temporal.PlainDate.from(date).until(Temporal.PlainDate.from(other)).days;
}

/** Returns the weekday: 1 is Monday, 7 is Sunday. */
export function weekdayOf(date: string): number {
  return Temporal.PlainDate.from(date).dayOfWeek;
}
