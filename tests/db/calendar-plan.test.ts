import { explain } from '../../bench/measure/plan';
import type { Db } from '../../src/db/connection';
import { readCalendar } from '../../src/db/flights/calendar-view';
import { createTestDatabase, type TestDatabase } from '../support/database';

/**
 * What a month of the calendar costs doesn't grow with the schedule: flights are read by their
 * route, and seats by what is on sale.
 */

let database: TestDatabase;
let db: Db;

const NEW_YORK = ['EWR', 'JFK', 'LGA'];
const LOS_ANGELES = ['BUR', 'LAX', 'LGB', 'SNA'];
const AIRPORTS = [...NEW_YORK, ...LOS_ANGELES, 'BOS', 'DFW', 'MIA', 'ORD', 'SFO'];

const DAYS_IN_A_MONTH = 31;
const DAYS_ON_SALE = 90;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  await db('carriers').insert({ code: 'YY', name: 'Timetable Air' });
  await db('airports').insert(
    AIRPORTS.map((iata) => ({ iata, name: iata, time_zone: 'America/New_York' })),
  );
});

afterAll(() => database.drop());

/** Four flights a day on every route, each with economy seats and a business cabin that is sold out. */
async function putDaysOnSale(from: number, days: number): Promise<void> {
  await db.transaction(async (trx) => {
    // Foreign keys of rows that are right need not be checked one by one.
    await trx.raw('SET LOCAL session_replication_role = replica');
    await trx.raw(
      `WITH routes AS (
        SELECT o.iata AS origin, d.iata AS destination, row_number() OVER () AS route
        FROM airports o JOIN airports d ON o.iata <> d.iata
      ), added AS (
        INSERT INTO flights (id, carrier_code, flight_number, origin, destination, departure_date,
          departure_at, arrival_at, aircraft_model, distance_miles)
        SELECT gen_random_uuid(), 'YY', 'YY' || (route * 4 + nth), origin, destination, at::date, at,
          at + interval '5 hours', 'A320', 2500
        FROM routes, generate_series(0, 3) AS nth,
          generate_series(CAST(:from AS integer), :to) AS day,
          LATERAL (SELECT timestamptz '2031-01-01 08:00Z' + day * interval '1 day'
            + nth * interval '3 hours' AS at) AS departure
        RETURNING id
      ), cabins AS (
        INSERT INTO flight_cabins (flight_id, cabin, seat_count, base_amount, taxes_amount,
          fees_amount, cancellation_fee_amount, currency, refundable)
        SELECT id, cabin, 6, 20000 + abs(hashtext(id::text)) % 10000, 1500, 500, 2500, 'USD', true
        FROM added, unnest('{economy,business}'::text[]) AS cabin
        RETURNING flight_id, cabin
      )
      INSERT INTO seats (flight_id, seat_number, row_number, cabin, state, booking_id)
      SELECT flight_id, seat_row || letter, seat_row, cabin,
        CASE cabin WHEN 'economy' THEN 'free' ELSE 'sold' END,
        CASE cabin WHEN 'business' THEN flight_id END
      FROM cabins, LATERAL (SELECT CASE cabin WHEN 'business' THEN 1 ELSE 2 END AS seat_row) AS place,
        unnest('{A,B,C}'::text[]) AS letter`,
      { from, to: from + days - 1 },
    );
  });
  await db.raw('VACUUM ANALYZE flights, flight_cabins, seats');
}

const ONE_ROUTE = { origins: ['EWR'], destinations: ['LAX'], passengers: 1, cabin: null };

const SEARCHES = [
  ['of one route', ONE_ROUTE],
  [
    'between cities with several airports',
    { ...ONE_ROUTE, origins: NEW_YORK, destinations: LOS_ANGELES },
  ],
  ['of a cabin that is sold out', { ...ONE_ROUTE, cabin: 'business' }],
  ['for more than any flight has seats for', { ...ONE_ROUTE, passengers: 9 }],
] as const;

const month = (search: (typeof SEARCHES)[number][1]) => (on: Db) =>
  readCalendar(on, { ...search, month: '2031-01', departingAfter: new Date(0) });

const TABLES = ['flights', 'flight_cabins', 'seats'];

test('a month costs as much with ninety days on sale as with its own', async () => {
  await putDaysOnSale(0, DAYS_IN_A_MONTH);
  const costs = async () => {
    const pages: number[] = [];
    for (const [, search] of SEARCHES) pages.push((await explain(db, month(search))).buffers);
    return pages;
  };
  const before = await costs();
  await putDaysOnSale(DAYS_IN_A_MONTH, DAYS_ON_SALE - DAYS_IN_A_MONTH);
  const after = await costs();
  // Where a tree of an index got a level more, each look reads a page more.
  after.forEach((pages, index) => expect(pages).toBeLessThan((before[index] ?? 0) * 1.5));
});

test.each(SEARCHES)('a month %s is read by indexes alone', async (_, search) => {
  const { scans } = await explain(db, month(search));
  expect(scans.filter(({ of, how }) => TABLES.includes(of) && how === 'Seq Scan')).toEqual([]);
  expect(scans).toContainEqual(expect.objectContaining({ of: 'flights_by_route' }));
  expect(scans).toContainEqual(expect.objectContaining({ of: 'seats_on_sale' }));
});

test('so it is by the plan that PostgreSQL keeps for whatever is asked', async () => {
  const sent: string[] = [];
  db.once('query', ({ sql }: { sql: string }) => sent.push(sql));
  await month(ONE_ROUTE)(db);
  const { rows } = await db.raw<{ rows: { 'QUERY PLAN': string }[] }>(
    `EXPLAIN (GENERIC_PLAN) ${sent[0]?.replaceAll('?', '\\?') ?? ''}`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).not.toContain('Seq Scan');
  expect(plan).toContain('flights_by_route');
  expect(plan).toContain('seats_on_sale');
});
