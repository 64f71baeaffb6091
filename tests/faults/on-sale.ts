import type { Db } from '../../src/db/connection';
import { putOnSale } from '../api/timetable';
import { putNetworkOnSale, type Network } from '../reliability/network';
import type { Run } from './history/format';

/** So many flights on each of four legs, with so few seats that many customers want the last ones. */
const FLIGHTS_PER_LEG = 5;
const SEATS = 36;
/** For so long a network has something to sell. */
const MINUTES_PER_NETWORK = 5;

/** What probes buy, one seat a second, never sells out. */
const PROBE_SEATS = 594;

const DAY_MS = 24 * 60 * 60_000;
const DEPARTS_IN_DAYS = 30;

/** When a flight was to leave and to arrive at first. */
export interface Times {
  departureAt: Date;
  arrivalAt: Date;
}

/** A network that is sold to customers, and the day of the way out, in New York. */
export interface NetworkOnSale extends Network {
  date: string;
}

/** What is asked for of a flight, as far as it matters here. */
interface SeatMap {
  seats: { seatNumber: string; cabin: string }[];
}
interface Flight {
  cabins: { price: { amount: number; currency: string } }[];
}

export type OnSale = Awaited<ReturnType<typeof putFlightsOnSale>>;

/** Puts on sale what a run of so many minutes needs. */
export async function putFlightsOnSale(db: Db, minutes: number) {
  const networks: NetworkOnSale[] = [];
  for (let count = 0; count < Math.ceil(minutes / MINUTES_PER_NETWORK); count += 1) {
    const departsInDays = DEPARTS_IN_DAYS + count;
    const terms = { flights: FLIGHTS_PER_LEG, seats: SEATS, departsInDays };
    networks.push({ ...(await putNetworkOnSale(db, terms)), date: dateIn(departsInDays) });
  }
  const date = dateIn(DEPARTS_IN_DAYS);
  const ofProbes = await putOnSale(
    db,
    Array.from({ length: 1 + Math.floor((minutes * 60) / PROBE_SEATS) }, (_, index) => ({
      from: 'JFK',
      to: 'SFO',
      date,
      time: `12:${String(index).padStart(2, '0')}`,
      cabins: [{ cabin: 'economy' as const, seats: PROBE_SEATS, price: 11_000 }],
    })),
  );
  const rows = await db('flights')
    .whereIn('id', [...networks.flatMap(({ flightIds }) => flightIds), ...ofProbes])
    .select('id', 'departure_at', 'arrival_at');

  return {
    flightIds: rows.map(({ id }) => id),
    timetable: new Map<string, Times>(
      rows.map(({ id, departure_at: departureAt, arrival_at: arrivalAt }) => [
        id,
        { departureAt, arrivalAt },
      ]),
    ),
    /** What is sold to customers after so many milliseconds. */
    networkAt: (ms: number): NetworkOnSale =>
      networks[
        Math.min(networks.length - 1, Math.floor(ms / 60_000 / MINUTES_PER_NETWORK))
      ] as NetworkOnSale,
    probeFlight: (sale: number): string =>
      ofProbes[Math.min(ofProbes.length - 1, Math.floor(sale / PROBE_SEATS))] as string,
    searchPath: `/api/v1/flights?origin=EWR&destination=LAX&date=${date}`,
  };
}

function dateIn(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

/** Asks the API for what is on sale, before anybody has bought anything. */
export async function describeFlights(
  url: string,
  { flightIds, timetable }: OnSale,
): Promise<Run['flights']> {
  const get = async <T>(target: string) => (await (await fetch(url + target)).json()) as T;
  const described: Run['flights'] = [];
  for (const flightId of flightIds) {
    const of = `/api/v1/flights/${flightId}`;
    const { seats } = await get<SeatMap>(`${of}/seats`);
    const { cabins } = await get<Flight>(of);
    const capacity: Record<string, string[]> = {};
    for (const { seatNumber, cabin } of seats) (capacity[cabin] ??= []).push(seatNumber);
    const departsAt = timetable.get(flightId)?.departureAt.toISOString() ?? '';
    const price = cabins[0]?.price;
    described.push({ flightId, capacity, departsAt, ...(price === undefined ? {} : { price }) });
  }
  return described;
}
