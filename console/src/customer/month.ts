import type { Spot } from '../shared/spot';
import { isoDate } from '../shared/words';

const firstDayOf = (month: string): Date => new Date(`${month}-01T12:00:00`);

/** In which column of a week, from Monday, a month begins. */
export const firstColumn = (month: string): number => (firstDayOf(month).getDay() + 6) % 7;

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
  new Date(`${date}T12:00:00`).toLocaleDateString('en-GB', { weekday: 'long' });

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
  for (const { id, row } of spotsOf(month)) (weeks[row] ??= []).push(id);
  return weeks;
}

/** Where each day of a month is on a page of a calendar. */
export function spotsOf(month: string): Spot[] {
  return daysOf(month).map((id, index) => {
    const place = firstColumn(month) + index;
    return { id, column: place % 7, row: Math.floor(place / 7) };
  });
}
