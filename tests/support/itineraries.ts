import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { putOnSale } from '../api/timetable';
import { requestOf } from './flights';

/**
 * The year of the days that tests fly on: its March is a month away, or more. One month for all:
 * tests know where it is which day in UTC.
 */
export const YEAR = yearOfNextMarch(new Date());

const WAY_OUT = `${YEAR}-03-01`;
export const WAY_BACK = `${YEAR}-03-08`;

function yearOfNextMarch(now: Date): number {
  const inAMonth = new Date(now.getTime() + 31 * 86_400_000);
  return inAMonth.getUTCFullYear() + (inAMonth.getUTCMonth() < 2 ? 0 : 1);
}

/** A round trip with a connection each way: Newark to São Paulo through Los Angeles, and back. */
export interface RoundTrip {
  /** All four, in the order in which they are flown. */
  flightIds: string[];
  slices: { flightIds: string[] }[];
}

/**
 * Puts the flights of a round trip on sale, each with so many seats, in economy. A flight costs
 * 120, 130, 140 and 150 dollars.
 */
export async function putRoundTripOnSale(db: Db, seats = 12): Promise<RoundTrip> {
  const flights = [
    { from: 'EWR', to: 'LAX', date: WAY_OUT, time: '08:00', price: 12_000 },
    { from: 'LAX', to: 'GRU', date: WAY_OUT, time: '16:00', price: 13_000 },
    { from: 'GRU', to: 'LAX', date: WAY_BACK, time: '08:00', price: 14_000 },
    { from: 'LAX', to: 'EWR', date: WAY_BACK, time: '16:00', price: 15_000 },
  ];
  const flightIds = await putOnSale(
    db,
    flights.map(({ price, ...flight }) => ({
      ...flight,
      cabins: [{ cabin: 'economy' as const, seats, price }],
    })),
  );
  return {
    flightIds,
    slices: [{ flightIds: flightIds.slice(0, 2) }, { flightIds: flightIds.slice(2) }],
  };
}

/** What the round trip costs for one adult. */
export const ROUND_TRIP_PRICE = { amount: 54_000, currency: 'USD' };

/** A customer's request for flights in slices, for one adult unless said otherwise. */
export function itineraryRequest(
  slices: readonly { flightIds: readonly string[] }[],
  details: Partial<BookingRequest> = {},
): BookingRequest {
  const { flightId: _, ...request } = requestOf({ id: randomUUID() }, details);
  return { ...request, slices: slices.map(({ flightIds }) => ({ flightIds: [...flightIds] })) };
}
