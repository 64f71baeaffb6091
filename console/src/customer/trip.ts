import type { Schemas } from '../shared/api';
import { dateInDays } from '../shared/words';

export type Slice = Schemas['Slice'];
export type Cabin = Schemas['Cabin'];

/** What a customer looks for. */
export interface Trip {
  origin: string;
  destination: string;
  isRoundTrip: boolean;
  /** Local at the origin of each way, as `2026-12-03`. */
  dates: { out: string; back: string };
  adults: number;
  children: number;
  infants: number;
  cabin: Cabin;
}

/** A trip that has flights on every system: the schedule is for two weeks ahead. */
export const newTrip = (): Trip => ({
  origin: '',
  destination: '',
  isRoundTrip: false,
  dates: { out: dateInDays(3), back: dateInDays(7) },
  adults: 1,
  children: 0,
  infants: 0,
  cabin: 'economy',
});

export const CABINS: readonly (readonly [Cabin, string])[] = [
  ['economy', 'Economy'],
  ['premium_economy', 'Premium economy'],
  ['business', 'Business'],
  ['first', 'First'],
];

/** One direction of a trip, as it is searched. */
export interface Way {
  origin: string;
  destination: string;
  date: string;
  /** How many need a seat. */
  seats: number;
  cabin: Cabin;
}

export function waysOf({ origin, destination, isRoundTrip, dates, cabin, ...party }: Trip): Way[] {
  const seats = party.adults + party.children;
  const out = { origin, destination, date: dates.out, seats, cabin };
  if (!isRoundTrip) return [out];
  return [out, { ...out, origin: destination, destination: origin, date: dates.back }];
}

export const isPlace = (text: string): boolean => /^[A-Z]{3}$/.test(text);
