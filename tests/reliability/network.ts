import type { Db } from '../../src/db/connection';
import { putOnSale } from '../api/timetable';

/**
 * Flights between Newark, Los Angeles and São Paulo, several on each leg. Any of one leg connects
 * with any of the next.
 */
export interface Network {
  /** The flights of each leg, by {@link LEGS}. */
  legs: string[][];
  flightIds: string[];
}

const LEGS = [
  { from: 'EWR', to: 'LAX', day: 0, hour: 8, price: 12_000 },
  { from: 'LAX', to: 'GRU', day: 0, hour: 16, price: 13_000 },
  { from: 'GRU', to: 'LAX', day: 7, hour: 8, price: 14_000 },
  { from: 'LAX', to: 'EWR', day: 7, hour: 16, price: 15_000 },
] as const;

/** What flights of one leg cost more, or less, than its first one, in cents. */
const SURCHARGES = [0, 4_000, -5_000, 9_000, 1];

/** A journey, by the legs of each of its slices. */
export type Journey = readonly (readonly number[])[];

/** One flight, a connection, there and back, and both. */
export const JOURNEYS: readonly Journey[] = [
  [[0]],
  [[0, 1]],
  [[0], [3]],
  [
    [0, 1],
    [2, 3],
  ],
];

const DAY_MS = 24 * 60 * 60 * 1000;

/** Puts so many flights on sale on each leg, each with so many seats. */
export async function putNetworkOnSale(
  db: Db,
  { flights, seats, departsInDays }: { flights: number; seats: number; departsInDays: number },
): Promise<Network> {
  const departures = LEGS.flatMap(({ from, to, day, hour, price }) =>
    Array.from({ length: flights }, (_, flight) => ({
      from,
      to,
      date: new Date(Date.now() + (departsInDays + day) * DAY_MS).toISOString().slice(0, 10),
      time: `${String(hour).padStart(2, '0')}:${String(10 * flight).padStart(2, '0')}`,
      cabins: [{ cabin: 'economy' as const, seats, price: price + (SURCHARGES[flight] ?? 0) }],
    })),
  );
  const flightIds = await putOnSale(db, departures);
  const legs = LEGS.map((_, leg) => flightIds.slice(leg * flights, (leg + 1) * flights));
  return { legs, flightIds };
}

/**
 * Returns what puts networks on sale one after another, each with three flights a leg: each flight
 * takes the next free number.
 */
export function networksOf(db: Db): (departsInDays: number) => Promise<Network> {
  let last: Promise<unknown> = Promise.resolve();
  return (departsInDays) => {
    const network = last.then(() => putNetworkOnSale(db, { flights: 3, seats: 6, departsInDays }));
    last = network.catch(() => undefined);
    return network;
  };
}

/** Returns one slice of a journey, by the flights that are picked on its legs. */
export function sliceOf(
  { legs }: Network,
  legsOfSlice: readonly number[],
  pick: (leg: number) => number,
): { flightIds: string[] } {
  return {
    flightIds: legsOfSlice.map((leg) => {
      const flights = legs[leg] ?? [];
      return flights[pick(leg) % flights.length] ?? '';
    }),
  };
}
