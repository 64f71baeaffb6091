import * as fc from 'fast-check';
import { instantOf } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import type { Db } from '../../src/db/connection';
import type { FlightSort } from '../../src/db/flights/flight-view';
import type { NewFlight } from '../../src/db/flights/new-flight';
import { addCarriersAndAirports, addFlights } from '../../src/db/flights/schedule';
import {
  searchSlices,
  type SlicePosition,
  type SliceSearch,
} from '../../src/db/flights/slice-view';
import { findSliceFault, MAX_CONNECTIONS } from '../../src/domain/slice';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** The search in SQL finds what trying every sequence of flights finds. */

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  await addCarriersAndAirports(db, [{ code: 'YY', name: 'Timetable Air' }], AIRPORTS);
});

afterAll(() => database.drop());

const AIRPORTS = [
  { iata: 'EWR', name: 'Newark', timeZone: 'America/New_York' },
  { iata: 'JFK', name: 'New York', timeZone: 'America/New_York' },
  { iata: 'LAX', name: 'Los Angeles', timeZone: 'America/Los_Angeles' },
  { iata: 'HNL', name: 'Honolulu', timeZone: 'Pacific/Honolulu' },
  { iata: 'AKL', name: 'Auckland', timeZone: 'Pacific/Auckland' },
];
const DATE = '2027-03-14';
const NOON = instantOf(DATE, '12:00', 'America/New_York').getTime();

/** Whole quarters of an hour and few prices: many slices are equal in what they are sorted by. */
const flights = fc.array(
  fc.record({
    id: fc.uuid({ version: 4 }),
    airports: fc.shuffledSubarray(AIRPORTS, { minLength: 2, maxLength: 2 }),
    leaves: fc.integer({ min: -40, max: 100 }),
    takes: fc.integer({ min: 2, max: 30 }),
    seats: fc.integer({ min: 1, max: 3 }),
    price: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 25, maxLength: 50 },
);

const codes = AIRPORTS.map(({ iata }) => iata);
const routes = fc.shuffledSubarray(codes, { minLength: 2, maxLength: 4 }).chain((places) =>
  fc.integer({ min: 1, max: places.length - 1 }).map((cut) => ({
    origins: places.slice(0, cut),
    destinations: places.slice(cut),
  })),
);

type Made = typeof flights extends fc.Arbitrary<(infer One)[]> ? One : never;

function toFlight({ id, airports, leaves, takes, seats, price }: Made, index: number): NewFlight {
  const [from, to] = airports;
  const departureAt = new Date(NOON + leaves * 15 * 60_000);
  return {
    id,
    carrierCode: 'YY',
    flightNumber: `YY${index + 1}`,
    origin: from!.iata,
    destination: to!.iata,
    departureDate: localDateOf(departureAt, from!.timeZone),
    departureAt,
    arrivalAt: new Date(departureAt.getTime() + takes * 15 * 60_000),
    aircraftModel: 'A321',
    distanceMiles: 1_000,
    cabins: [
      {
        cabin: 'economy',
        seatCount: seats,
        fare: { base: 10_000 * price, taxes: 1_500, fees: 500, currency: 'USD' },
        conditions: { refundable: true, cancellationFee: { amount: 5_000, currency: 'USD' } },
      },
    ],
    seats: Array.from({ length: seats }, (_, row) => ({
      seatNumber: `${row + 1}A`,
      rowNumber: row + 1,
      cabin: 'economy',
    })),
  };
}

async function putOnSale(onSale: readonly NewFlight[]): Promise<void> {
  await db.transaction(async (transaction) => {
    for (const table of ['seats', 'flight_cabins', 'flights'] as const)
      await transaction(table).delete();
    await addFlights(transaction, onSale);
  });
}

/** Every legal sequence of flights with enough seats, in the order of the search. */
function bruteForce(onSale: readonly NewFlight[], search: Omit<SliceSearch, 'limit' | 'after'>) {
  const roomy = onSale.filter(({ seats }) => seats.length >= search.passengers);
  const sequences = roomy
    .filter(({ origin }) => search.origins.includes(origin))
    .filter(({ departureDate }) => departureDate === search.date)
    .filter(({ departureAt }) => departureAt > search.departingAfter)
    .map((flight) => [flight]);
  for (const sequence of sequences)
    if (sequence.length <= search.connections)
      for (const next of roomy)
        if (findSliceFault([...sequence, next]) === undefined) sequences.push([...sequence, next]);
  const priceOf = ({ cabins: [offer] }: NewFlight) => offer!.fare.base + 2_000;
  return sequences
    .filter((sequence) => search.destinations.includes(sequence.at(-1)!.destination))
    .filter((sequence) => findSliceFault(sequence) === undefined)
    .map((sequence) => {
      const [departs, arrives] = [sequence[0]!.departureAt, sequence.at(-1)!.arrivalAt];
      const keys = {
        departure: departs.getTime(),
        price: sequence.reduce((sum, flight) => sum + priceOf(flight), 0),
        duration: arrives.getTime() - departs.getTime(),
      };
      return { ids: sequence.map(({ id }) => id), key: keys[search.sort], arrives };
    })
    .sort((a, b) => {
      const byArrival = a.arrives.getTime() - b.arrives.getTime();
      return a.key - b.key || byArrival || (a.ids.join() < b.ids.join() ? -1 : 1);
    })
    .map(({ ids }) => ids);
}

async function pagesOf(search: Omit<SliceSearch, 'limit' | 'after'>, limit: number) {
  const all: string[][] = [];
  let after: SlicePosition | null = null;
  for (;;) {
    const page = await searchSlices(db, { ...search, limit, after });
    all.push(...page.map(({ slice }) => slice.segments.map(({ id }) => id)));
    if (page.length < limit) return all;
    after = page.at(-1)!.position;
  }
}

test('all pages together are every legal slice once, in order, whatever the network', async () => {
  const foundBy = [0, 0, 0];
  const searches = fc.record({
    route: routes,
    passengers: fc.integer({ min: 1, max: 2 }),
    connections: fc.integer({ min: 0, max: MAX_CONNECTIONS }),
    sort: fc.constantFrom<FlightSort>('departure', 'price', 'duration'),
    closed: fc.integer({ min: -90, max: 0 }),
    limit: fc.integer({ min: 1, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(
      flights,
      fc.array(searches, { minLength: 6, maxLength: 6 }),
      async (made, wishes) => {
        const onSale = made.map(toFlight);
        await putOnSale(onSale);
        for (const { route, closed, limit, ...wish } of wishes) {
          const departingAfter = new Date(NOON + closed * 15 * 60_000);
          const search = {
            ...wish,
            ...route,
            departingAfter,
            date: DATE,
            cabin: 'economy' as const,
          };
          const expected = bruteForce(onSale, search);
          for (const { length } of expected) foundBy[length - 1]! += 1;
          expect(await pagesOf(search, limit)).toEqual(expected);
        }
      },
    ),
    { numRuns: 40 },
  );
  // Otherwise nothing was compared.
  for (const count of foundBy) expect(count).toBeGreaterThan(5);
});
