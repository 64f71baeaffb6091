/** In the currency's minor unit, such as cents. */
interface Money {
  amount: number;
  currency: string;
}

/** An amount as people write it: `USD 524.37` is `$524.37`. */
export function money({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** An amount without its cents, for where there is little room. */
export function roundMoney({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    maximumFractionDigits: 0,
  }).format(amount / 10 ** digits);
}

/** The time of day at a place, `07:30`; where the zone isn't known, in UTC: `07:30 UTC`. */
export function clockTime(instant: string, timeZone = 'UTC'): string {
  const time = new Date(instant).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  });
  return timeZone === 'UTC' ? `${time} UTC` : time;
}

/** The day at a place: `Thu, 3 Dec`. */
export function day(instant: string, timeZone: string): string {
  return new Date(instant).toLocaleDateString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone,
  });
}

/** Day and time where the reader is: `3 Dec, 08:15:02`. */
export function momentHere(instant: string): string {
  return new Date(instant).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}

/** A number of minutes: `5 h 40 min`. */
export function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

export const minutesBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 60_000);

/** A name of the API in words: `premium_economy` is `premium economy`. */
export const words = (name: string): string => name.replaceAll('_', ' ');

/** `1 seat`, `2 seats`. */
export const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : 's'}`;

export function nameOf({
  givenName,
  familyName,
}: {
  givenName: string | null;
  familyName: string;
}) {
  return givenName === null ? familyName : `${givenName} ${familyName}`;
}

/** A day as the API takes it, `2026-12-03`, that many days from today. */
export function dateInDays(days: number): string {
  const date = new Date();
  date.setDate(date.getDate() + days);
  return isoDate(date);
}

export function isoDate(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
