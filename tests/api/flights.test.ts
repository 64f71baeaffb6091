import { randomUUID } from 'node:crypto';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import { encodeCursor } from '../../src/api/cursor';
import type { Flight } from '../../src/db/flights/flight-columns';
import { openApi, type ApiUnderTest } from '../support/api';
import { expectInvalid, expectRefused, type Page } from './client';
import type { Answer } from './contract';
import { putOnSale } from './timetable';

/** Anyone may look at what is on sale. */

const DATE = daysAfter(localDateOf(new Date(), 'America/New_York'), 30);

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

function search(query: Record<string, string> = {}): Promise<Answer<Page<Flight>>> {
  const all = { origin: 'EWR', destination: 'LAX', date: DATE, ...query };
  return backend.anyone.get(`/api/v1/flights?${new URLSearchParams(all).toString()}`);
}

async function idsFound(query: Record<string, string>): Promise<string[]> {
  return (await search(query)).body.data.map(({ id }) => id);
}

describe('a search', () => {
  /**
   * Every price, time and duration comes several times: an order by these alone would leave ties.
   */
  let fleet: string[];
  beforeAll(async () => {
    const departures = Array.from({ length: 23 }, (_, index) => ({
      date: DATE,
      time: `${String(6 + (index % 4)).padStart(2, '0')}:30`,
      minutes: 300 + 10 * (index % 3),
      cabins: [{ cabin: 'economy' as const, seats: 9, price: 20_000 - 1_000 * (index % 5) }],
    }));
    fleet = await putOnSale(backend.db, departures);
  });

  test('finds the flights of one route and day, with all that a customer has to know', async () => {
    const { status, body } = await search();
    expect(status).toBe(200);
    expect(body.data).toHaveLength(20);
    expect(body.data[0]).toMatchObject({
      carrier: { code: 'YY', name: 'Timetable Air' },
      origin: { iata: 'EWR', name: 'Newark Liberty', timeZone: 'America/New_York' },
      destination: { iata: 'LAX', name: 'Los Angeles', timeZone: 'America/Los_Angeles' },
      aircraft: { model: 'A321' },
      cabins: [
        {
          cabin: 'economy',
          availableSeats: 9,
          price: { currency: 'USD' },
          conditions: {
            refundable: true,
            cancellationFee: { amount: 5_000, currency: 'USD' },
            changeable: true,
            changeFee: { amount: 2_500, currency: 'USD' },
          },
        },
      ],
    });
  });

  test.each([
    ['departure', ({ departureAt }: Flight) => Date.parse(departureAt)],
    ['price', ({ cabins }: Flight) => Math.min(...cabins.map(({ price }) => price.amount))],
    [
      'duration',
      ({ departureAt, arrivalAt }: Flight) => Date.parse(arrivalAt) - Date.parse(departureAt),
    ],
  ])('by %s shows every flight once, in order, over any number of pages', async (sort, keyOf) => {
    const found: Flight[] = [];
    let cursor: string | null = null;
    do {
      const { body }: Answer<Page<Flight>> = await search({
        sort,
        limit: '5',
        ...(cursor === null ? {} : { cursor }),
      });
      expect(body.data.length).toBeLessThanOrEqual(5);
      found.push(...body.data);
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(found.map(({ id }) => id).sort()).toEqual([...fleet].sort());
    const keys = found.map(keyOf);
    expect(keys).toEqual([...keys].sort((a, b) => a - b));
  });

  test('has no next page after the last flight, also when that page is full', async () => {
    expect((await search({ limit: '23' })).body.nextCursor).toBeNull();
    expect((await search({ limit: '22' })).body.nextCursor).not.toBeNull();
  });

  test('of a route or day without flights finds none', async () => {
    expect((await search({ origin: 'LAX', destination: 'EWR' })).body.data).toEqual([]);
    expect((await search({ date: '2099-01-01' })).body.data).toEqual([]);
  });
});

test('a search for a party finds flights with so many seats in one cabin, at the price of that cabin', async () => {
  const date = daysAfter(DATE, 1);
  const [roomy, dear, small] = (await putOnSale(backend.db, [
    { date, time: '08:00', cabins: [{ cabin: 'economy', seats: 6, price: 30_000 }] },
    {
      date,
      time: '09:00',
      cabins: [
        { cabin: 'economy', seats: 2, price: 10_000 },
        { cabin: 'business', seats: 4, price: 90_000 },
      ],
    },
    { date, time: '10:00', cabins: [{ cabin: 'economy', seats: 2, price: 20_000 }] },
  ])) as [string, string, string];
  expect(await idsFound({ date, sort: 'price' })).toEqual([dear, small, roomy]);
  expect(await idsFound({ date, sort: 'price', passengers: '4' })).toEqual([roomy, dear]);
  expect(await idsFound({ date, passengers: '7' })).toEqual([]);
  expect(await idsFound({ date, cabin: 'business' })).toEqual([dear]);
  expect(await idsFound({ date, cabin: 'business', passengers: '5' })).toEqual([]);
  const { body } = await search({ date, cabin: 'business' });
  expect(body.data[0]?.cabins.map(({ cabin }) => cabin)).toEqual(['business']);
});

describe('a search by metropolitan area', () => {
  const date = daysAfter(DATE, 4);
  let ids: string[];
  beforeAll(async () => {
    ids = await putOnSale(
      backend.db,
      Array.from({ length: 12 }, (_, index) => ({
        from: ['EWR', 'JFK', 'LGA'][index % 3] ?? '',
        date,
        time: `${String(8 + Math.floor(index / 4)).padStart(2, '0')}:00`,
        minutes: 300 + 10 * (index % 2),
        cabins: [{ cabin: 'economy' as const, seats: 3, price: 20_000 - 1_000 * (index % 5) }],
      })),
    );
  });

  test.each(['departure', 'price', 'duration'])(
    'finds the flights of all its airports once, by %s, page after page',
    async (sort) => {
      const whole = (await search({ origin: 'NYC', date, sort, limit: '100' })).body.data;
      expect(whole.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(new Set(whole.map(({ origin }) => origin.iata))).toEqual(
        new Set(['EWR', 'JFK', 'LGA']),
      );
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Answer<Page<Flight>> = await search({
          origin: 'NYC',
          date,
          sort,
          limit: '5',
          ...(cursor === null ? {} : { cursor }),
        });
        paged.push(...page.body.data.map(({ id }) => id));
        cursor = page.body.nextCursor;
      } while (cursor !== null);
      expect(paged).toEqual(whole.map(({ id }) => id));
    },
  );

  test('finds what the searches of its airports find', async () => {
    const found = await Promise.all(
      ['EWR', 'JFK', 'LGA'].map((origin) => idsFound({ origin, date })),
    );
    expect(found.map((flights) => flights.length)).toEqual([4, 4, 4]);
    expect(found.flat().sort()).toEqual([...ids].sort());
  });

  test('finds the way there as well as the way from it', async () => {
    expect((await search({ origin: 'LAX', destination: 'NYC', date })).body.data).toEqual([]);
  });
});

test('the day of a flight is that of its origin, whatever day it is elsewhere', async () => {
  const date = daysAfter(DATE, 2);
  const [night] = await putOnSale(backend.db, [{ date, time: '23:30' }]);
  const { body } = await search({ date });
  expect(body.data.map(({ id }) => id)).toEqual([night]);
  expect(body.data[0]?.departureAt.slice(0, 10)).toBe(daysAfter(date, 1));
  expect(await idsFound({ date: daysAfter(date, 1) })).toEqual([]);
});

test('flights leave the search when their sales close, an hour before departure', async () => {
  const date = daysAfter(DATE, 3);
  const ids = await putOnSale(backend.db, [
    { date, time: '08:00' },
    { date, time: '09:00' },
  ]);
  const departsIn = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  const reschedule = (id = '', minutes: number) =>
    backend
      .db('flights')
      .where({ id })
      .update({ departure_at: departsIn(minutes), arrival_at: departsIn(minutes + 360) });
  await reschedule(ids[0], 59);
  await reschedule(ids[1], 62);
  expect(await idsFound({ date })).toEqual([ids[1]]);
});

describe('a search is refused', () => {
  test.each([
    [
      'no route and no day',
      { origin: '', destination: '', date: '' },
      '/origin /destination /date',
    ],
    ['an airport in small letters', { origin: 'ewr' }, '/origin'],
    ['an airport of four letters', { destination: 'KLAX' }, '/destination'],
    ['a day that no calendar has', { date: '2027-02-30' }, '/date'],
    ['a day in another notation', { date: '01/02/2027' }, '/date'],
    ['a day with a time', { date: '2027-02-01T00:00:00Z' }, '/date'],
    ['the year zero', { date: '0000-01-01' }, '/date'],
    ['nobody', { passengers: '0' }, '/passengers'],
    ['ten passengers', { passengers: '10' }, '/passengers'],
    ['half a passenger', { passengers: '1.5' }, '/passengers'],
    ['passengers that are no number', { passengers: 'two' }, '/passengers'],
    ['no number of passengers', { passengers: '' }, '/passengers'],
    ['a cabin that nobody has', { cabin: 'deck' }, '/cabin'],
    ['an order that nobody has', { sort: 'beauty' }, '/sort'],
    ['a page of none', { limit: '0' }, '/limit'],
    ['a page of 101', { limit: '101' }, '/limit'],
    ['a page of no number', { limit: 'all' }, '/limit'],
    ['an empty cursor', { cursor: '' }, '/cursor'],
    ['a cursor of rubbish', { cursor: 'rubbish' }, '/cursor'],
    ['a cursor as long as a book', { cursor: 'x'.repeat(501) }, '/cursor'],
    ['a field that is not known', { colour: 'red' }, '/colour'],
    ['a field that every object has', { constructor: 'red' }, '/constructor'],
    ['a field that makes prototypes', { ['__proto__']: 'red' }, '/__proto__'],
    ['a null byte', { origin: 'EW\0' }, '/origin'],
  ])('for %s', async (_, query, pointers) => {
    expectInvalid(await search(query), ...pointers.split(' '));
  });

  test('when it asks the same twice', async () => {
    const twice = `/api/v1/flights?origin=EWR&origin=JFK&destination=LAX&date=${DATE}`;
    expectInvalid(await backend.anyone.get(twice), '/origin');
  });

  test.each([
    ['an origin that there is not', { origin: 'ZZZ' }, '/origin'],
    ['a destination that there is not', { destination: 'QQQ' }, '/destination'],
    ['neither', { origin: 'ZZZ', destination: 'QQQ' }, '/origin /destination'],
    ['there and back in one place', { origin: 'EWR', destination: 'EWR' }, '/destination'],
    ['a way within one region', { origin: 'NYC', destination: 'JFK' }, '/destination'],
    ['a way into its own region', { origin: 'JFK', destination: 'NYC' }, '/destination'],
    ['a region to itself', { origin: 'NYC', destination: 'NYC' }, '/destination'],
  ])('for %s', async (_, query, pointers) => {
    expectInvalid(await search(query), ...pointers.split(' '));
  });
});

describe('a cursor', () => {
  /** Something else for each parameter of a search but the length of a page. */
  const OTHERS = {
    origin: 'JFK',
    destination: 'SFO',
    date: daysAfter(DATE, 1),
    passengers: '2',
    cabin: 'economy',
    sort: 'price',
  };
  const firstCursor = async () => (await search({ limit: '1' })).body.nextCursor ?? '';
  const encoded = (cursor: unknown) => Buffer.from(JSON.stringify(cursor)).toString('base64url');

  test.each(Object.entries(OTHERS))('is refused when %s is another', async (name, value) => {
    const cursor = await firstCursor();
    expect((await search({ cursor })).status).toBe(200);
    expectInvalid(await search({ cursor, [name]: value }), '/cursor');
  });

  test('goes on with pages of another length, and with defaults that are spelt out', async () => {
    const cursor = await firstCursor();
    const { body } = await search({ cursor });
    const again = await search({ cursor, limit: '7', passengers: '1', sort: 'departure' });
    expect(again.body.data).toEqual(body.data.slice(0, 7));
  });

  test('is refused when anything in it was changed', async () => {
    const cursor = JSON.parse(Buffer.from(await firstCursor(), 'base64url').toString()) as {
      at: { sortKey: number; id: string };
      seal: string;
    };
    expect((await search({ cursor: encoded(cursor) })).status).toBe(200);
    const { at, seal } = cursor;
    const forgeries = [
      { at: { ...at, id: "' OR true --" }, seal },
      { at: { ...at, id: randomUUID() }, seal },
      { at: { ...at, sortKey: at.sortKey - 1 }, seal },
      { at: { ...at, sortKey: 1e300 }, seal },
      { at: { ...at, sortKey: '0' }, seal },
      { at: { ...at, extra: 1 }, seal },
      { at, seal: '' },
      { at, seal: [seal] },
      { at },
      { ...cursor, extra: 1 },
      at,
      null,
      [],
      7,
    ];
    for (const forgery of forgeries)
      expectInvalid(await search({ cursor: encoded(forgery) }), '/cursor');
    // Sealed as ours are, a position must still be one.
    const route = { origin: 'EWR', destination: 'LAX', date: DATE };
    const query = { ...route, passengers: 1, sort: 'departure' };
    expect((await search({ cursor: encodeCursor(query, at) })).status).toBe(200);
    for (const place of [
      { ...at, id: "'" },
      { ...at, sortKey: 1e300 },
      { ...at, sortKey: '0' },
    ])
      expectInvalid(await search({ cursor: encodeCursor(query, place) }), '/cursor');
  });
});

describe('one flight', () => {
  let id: string;
  beforeAll(async () => {
    [id = ''] = await putOnSale(backend.db, [
      {
        to: 'SFO',
        date: DATE,
        time: '12:00',
        cabins: [
          { cabin: 'first', seats: 2, price: 200_000 },
          { cabin: 'economy', seats: 8, price: 20_000 },
          { cabin: 'business', seats: 3, price: 90_000 },
        ],
      },
    ]);
  });

  test('is read with all its cabins, the cheapest first', async () => {
    const { status, body } = await backend.anyone.get<Flight>(`/api/v1/flights/${id}`);
    expect(status).toBe(200);
    expect(body.cabins.map(({ cabin, availableSeats }) => [cabin, availableSeats])).toEqual([
      ['economy', 8],
      ['business', 3],
      ['first', 2],
    ]);
    expect((await backend.anyone.get(`/api/v1/flights/${id.toUpperCase()}`)).body).toEqual(body);
  });

  test('shows its seats from front to back', async () => {
    const { body } = await backend.anyone.get<{ flightId: string; seats: unknown[] }>(
      `/api/v1/flights/${id}/seats`,
    );
    expect(body.flightId).toBe(id);
    expect(body.seats).toHaveLength(13);
    expect(body.seats.slice(0, 3)).toEqual([
      { seatNumber: '1A', cabin: 'first', available: true, state: 'free' },
      { seatNumber: '1B', cabin: 'first', available: true, state: 'free' },
      { seatNumber: '2A', cabin: 'economy', available: true, state: 'free' },
    ]);
  });

  test.each([
    ['a flight that there is not', randomUUID()],
    ['a word', 'tomorrow'],
    ['a number', '1'],
    ['a null byte', '%00'],
    ['SQL', `${randomUUID()}'--`],
  ])('is not found by the ID of %s', async (_, other) => {
    expectRefused(await backend.anyone.get(`/api/v1/flights/${other}`), 'flight_not_found');
    expectRefused(await backend.anyone.get(`/api/v1/flights/${other}/seats`), 'flight_not_found');
  });
});
