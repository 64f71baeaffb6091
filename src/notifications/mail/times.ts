import { LANGUAGE } from './language';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Returns the day of an instant in a time zone, such as `Friday, November 27, 2026`. */
export function dayText(instant: string, timeZone: string): string {
  return format(instant, {
    weekday: 'long',
    month: 'long',
    day: 'numeric',
    year: 'numeric',
    timeZone,
  });
}

/** Returns the time of an instant in a time zone, and the zone: `6:15 PM EST`. */
export function timeText(instant: string, timeZone: string): string {
  return format(instant, {
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  });
}

/** Returns time and day in a time zone: `6:15 PM EST on Friday, November 27, 2026`. */
export function momentText(instant: string, timeZone: string): string {
  return `${timeText(instant, timeZone)} on ${dayText(instant, timeZone)}`;
}

/** Returns the time from one instant to another, in hours and minutes: `7 h 05 min`. */
export function durationText(from: string, to: string): string {
  const minutes = Math.round((Date.parse(to) - Date.parse(from)) / MINUTE_MS);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${rest} min` : `${hours} h ${String(rest).padStart(2, '0')} min`;
}

/**
 * Returns how many days later the calendar at the destination is on arrival than the one at the
 * origin was on departure. Across the date line that may be −1, or 2.
 */
export function daysBetween(
  departure: { at: string; timeZone: string },
  arrival: { at: string; timeZone: string },
): number {
  const dayOf = ({ at, timeZone }: typeof departure) =>
    // Sweden writes dates as ISO 8601 does.
    Date.parse(new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(at)));
  return Math.round((dayOf(arrival) - dayOf(departure)) / DAY_MS);
}

function format(instant: string, options: Intl.DateTimeFormatOptions): string {
  const text = new Intl.DateTimeFormat(LANGUAGE, options).format(new Date(instant));
  // Unicode's narrow space before AM and PM is missing in fonts of older mail programs.
  return text.replaceAll('\u202f', ' ');
}
