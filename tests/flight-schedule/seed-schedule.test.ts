import { explain } from '../../bench/measure/plan';
import { readWeek } from '../../src/activities/flight-schedule/week';
import { seedSchedule } from '../../src/cli/seed/schedule';
import type { Db } from '../../src/db/connection';
import { searchFlights } from '../../src/db/flights/flight-view';
import { searchSlices } from '../../src/db/flights/slice-view';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** The first two are a Saturday and a Sunday, the days with the fewest flights. */
const SATURDAY = '2026-12-05';
const SUNDAY = '2026-12-06';
const NEXT_SATURDAY = '2026-12-12';
const SATURDAY_FLIGHTS = readWeek().flights.filter((flight) => flight.weekday === 6);
const SUNDAY_FLIGHTS = readWeek().flights.filter((flight) => flight.weekday === 7);

let database: TestDatabase;
let db: Db;
const progress: number[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  await seedSchedule({
    db,
    hasScenarios: false,
    days: 1,
    from: SATURDAY,
    onProgress: (done) => progress.push(done),
  });
});

afterAll(() => database.drop());

test('every flight has as many seats as its aircraft, all of them free', async () => {
  const scheduled = SATURDAY_FLIGHTS.map(
    ({ carrierCode, number, origin, aircraft }) =>
      [`${carrierCode}${String(number)} ${origin.iata}`, aircraft.seatCount] as const,
  );
  expect(await seatsByFlightNumber()).toEqual(new Map(scheduled));
  expect(await db('seats').whereNot('state', 'free').select('seat_number')).toEqual([]);
});

test('progress only grows, and ends at 1', () => {
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(1);
});

test('a second run adds the missing day, and leaves a held seat and a changed price as they are', async () => {
  const held = await holdASeat();
  await db('flight_cabins').where({ flight_id: held.flight_id }).update({ base_amount: 1 });
  const before = await everythingOn(SATURDAY);

  const { flightsAdded } = await seedSchedule({ db, hasScenarios: false, days: 2, from: SATURDAY });

  expect(flightsAdded).toBe(SUNDAY_FLIGHTS.length);
  expect(await everythingOn(SATURDAY)).toEqual(before);
  expect(await db('flights').where('departure_date', SUNDAY)).toHaveLength(SUNDAY_FLIGHTS.length);
});

test('a run on a schedule of an earlier release fills in cities and metropolitan areas, and changes no name', async () => {
  await db('airports').update({ city: null, metropolitan_area: null });
  await db('airports').where({ iata: 'EWR' }).update({ name: 'As it was called' });
  await seedSchedule({ db, hasScenarios: false, days: 1, from: SATURDAY });
  const newYork = await db('airports').where({ metropolitan_area: 'NYC' }).orderBy('iata');
  expect(newYork).toMatchObject([
    { iata: 'EWR', city: 'Newark', name: 'As it was called' },
    { iata: 'JFK', city: 'New York' },
    { iata: 'LGA', city: 'New York' },
  ]);
  expect(await db('airports').whereNull('city')).toEqual([]);
});

test('a search of several airports finds its flights by the index of routes', async () => {
  const search = {
    origins: ['EWR', 'JFK', 'LGA'],
    destinations: ['BUR', 'LAX', 'LGB', 'SNA'],
    date: SUNDAY,
    passengers: 1,
    cabin: null,
    sort: 'price',
    limit: 100,
    departingAfter: new Date(0),
    after: null,
  } as const;
  expect((await searchFlights(db, search)).length).toBeGreaterThan(20);
  const { scans } = await db.transaction(async (transaction) => {
    // Two days of flights are few enough to be read whole; a year of them is not.
    await transaction.raw('SET LOCAL enable_seqscan = off');
    return explain(transaction, (watched) => searchFlights(watched, search));
  });
  expect(scans).toContainEqual(expect.objectContaining({ of: 'flights_by_route' }));
});

describe('a search of slices', () => {
  const search = {
    origins: ['BOS'],
    destinations: ['SFO'],
    date: SATURDAY,
    passengers: 1,
    cabin: 'economy',
    sort: 'price',
    limit: 200,
    departingAfter: new Date(0),
    after: null,
  } as const;

  test('finds connections in all airports of New York', async () => {
    const found = await searchSlices(db, { ...search, destinations: ['MIA'], connections: 1 });
    const places = found.map(({ slice }) => slice.segments[0]!.destination.iata);
    expect([...new Set(places)].sort()).toEqual(['EWR', 'JFK', 'LGA']);
  });

  test.each([1, 2])('of up to %i connections reads flights and seats by indexes', async (most) => {
    await db.raw('ANALYZE flights, flight_cabins, seats');
    for (const [origins, destinations] of [
      [['BOS'], ['SFO']],
      [['EWR', 'JFK', 'LGA'], ['LAX']],
      [['ORD'], ['JFK']],
    ]) {
      const wish = { ...search, origins: origins!, destinations: destinations!, connections: most };
      const { scans } = await db.transaction(async (transaction) => {
        // Two days of flights are few enough to be read whole; a year of them is not.
        await transaction.raw('SET LOCAL enable_seqscan = off');
        return explain(transaction, (watched) => searchSlices(watched, wish));
      });
      const tables = scans.filter(({ of }) => ['flights', 'flight_cabins', 'seats'].includes(of));
      expect(tables.filter(({ how }) => how !== 'Bitmap Heap Scan')).toEqual([]);
      expect(scans).toContainEqual(expect.objectContaining({ of: 'seats_on_sale' }));
    }
  });
});

test('of two runs at once, each flight is added by one', async () => {
  const runs = await Promise.all([
    seedSchedule({ db, hasScenarios: false, days: 1, from: NEXT_SATURDAY }),
    seedSchedule({ db, hasScenarios: false, days: 1, from: NEXT_SATURDAY }),
  ]);
  const [one, other] = runs.map((run) => run.flightsAdded);
  expect(one! + other!).toBe(SATURDAY_FLIGHTS.length);
  const stored = await db('flights').where('departure_date', NEXT_SATURDAY);
  expect(stored).toHaveLength(SATURDAY_FLIGHTS.length);
});

async function seatsByFlightNumber(): Promise<Map<string, number>> {
  const rows = await db('seats')
    .join('flights', 'flights.id', 'seats.flight_id')
    .groupBy('flight_number', 'origin')
    .select('flight_number', 'origin')
    .count<{ flight_number: string; origin: string; seats: number }[]>('* as seats');
  return new Map(rows.map((row) => [`${row.flight_number} ${row.origin}`, row.seats]));
}

/** Takes the first seat of some flight off sale, for a booking that awaits its payment. */
async function holdASeat() {
  const seat = await db('seats').where({ seat_number: '1A' }).orderBy('flight_id').first();
  if (seat === undefined) throw new Error('Bug: no flight has a seat 1A');
  const bookingId = '0b0e7a52-6a2c-4f0e-8c39-5d8f3f0f6c11';
  await db.transaction(async (transaction) => {
    await transaction('bookings').insert({
      id: bookingId,
      reference: 'ABCDEF',
      customer_id: 'user-1',
      flight_id: seat.flight_id,
      cabin: seat.cabin,
      status: 'pending',
      seat_count: 1,
      base_amount: 100,
      taxes_amount: 0,
      fees_amount: 0,
      price_amount: 100,
      currency: 'USD',
      refundable: true,
      cancellation_fee_amount: 0,
      payment_required_by: new Date(),
      created_at: new Date(),
    });
    await transaction('seats')
      .where({ flight_id: seat.flight_id, seat_number: '1A' })
      .update({ state: 'held', booking_id: bookingId });
  });
  return seat;
}

/** One number for all that is stored of a day: it changes when anything does. */
async function everythingOn(date: string): Promise<unknown> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `SELECT count(*) AS rows, sum(hashtextextended(flights::text || flight_cabins::text || seats::text, 0)) AS content
     FROM flights
     JOIN flight_cabins ON flight_cabins.flight_id = flights.id
     JOIN seats ON seats.flight_id = flights.id AND seats.cabin = flight_cabins.cabin
     WHERE departure_date = ?`,
    [date],
  );
  return rows;
}
