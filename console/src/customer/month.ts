import { isoDate } from '../shared/words';

const noonOf = (date: string): Date => new Date(`${date}T12:00:00`);

const firstDayOf = (month: string): Date => noonOf(`${month}-01`);

/** How many days of its week, from Monday, are before a date. */
const column = (date: Date): number => (date.getDay() + 6) % 7;

/** In which column of a week, from Monday, a month begins. */
export const firstColumn = (month: string): number => column(firstDayOf(month));

/** The month so many months later: `2026-12` after one is `2027-01`. */
export function monthAfter(month: string, months: number): string {
  const date = firstDayOf(month);
  date.setMonth(date.getMonth() + months);
  return isoDate(date).slice(0, 7);
}

export const monthName = (month: string): string =>
  firstDayOf(month).toLocaleDateString('en-GB', { month: 'long', year: 'numeric' });

/** The weekday of a day, in full: `Monday`. */
export const weekdayOf = (date: string): string =>
  noonOf(date).toLocaleDateString('en-GB', { weekday: 'long' });

/** How many days each arrow leads on. */
const STEPS: Record<string, number> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -7,
  ArrowDown: 7,
};

/**
 * Returns the day to which a key leads from another: the arrows by days and weeks, over the ends of
 * weeks and months; Home and End to the ends of its week. Undefined for other keys.
 */
export function dayByKey(date: string, key: string): string | undefined {
  const day = noonOf(date);
  const days = key === 'Home' ? -column(day) : key === 'End' ? 6 - column(day) : STEPS[key];
  if (days === undefined) return undefined;
  day.setDate(day.getDate() + days);
  return isoDate(day);
}

function daysOf(month: string): string[] {
  const date = firstDayOf(month);
  const days: string[] = [];
  while (isoDate(date).startsWith(month)) {
    days.push(isoDate(date));
    date.setDate(date.getDate() + 1);
  }
  return days;
}

/** The days of a month, by weeks that begin on Monday; the first and the last may be short. */
export function weeksOf(month: string): string[][] {
  const weeks: string[][] = [];
  for (const [index, date] of daysOf(month).entries())
    (weeks[Math.floor((firstColumn(month) + index) / 7)] ??= []).push(date);
  return weeks;
}
