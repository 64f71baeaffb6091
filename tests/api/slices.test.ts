import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import type { Slice } from '../../src/db/flights/slice-view';
import { openApi, type ApiUnderTest } from '../support/api';
import { YEAR } from '../support/itineraries';
import { expectInvalid, type Page } from './client';
import type { Answer } from './contract';
import { putOnSale, type Departure } from './timetable';

/** Ways of one or several flights. Los Angeles to São Paulo is flown over New York. */

/** No clock is changed in the days after it. */
const DATE = `${YEAR}-02-15`;

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

function search(query: Record<string, string> = {}): Promise<Answer<Page<Slice>>> {
  const all = { origin: 'LAX', destination: 'GRU', date: DATE, ...query };
  return backend.anyone.get(`/api/v1/slices?${new URLSearchParams(all).toString()}`);
}

/** The slices found, each as the places in `ids` of its flights. */
async function found(ids: readonly string[], query: Record<string, string>): Promise<number[][]> {
  const { body } = await search(query);
  return body.data.map(({ segments }) => segments.map(({ id }) => ids.indexOf(id)));
}

/** Flights of one day; times are New York's. */
function onSale(date: string, ...departures: Omit<Departure, 'date'>[]): Promise<string[]> {
  return putOnSale(
    backend.db,
    departures.map((departure) => ({ date, ...departure })),
  );
}

const economy = (seats: number, price: number) => ({ cabin: 'economy' as const, seats, price });

describe('a search of slices', () => {
  let ids: string[];
  beforeAll(async () => {
    ids = await onSale(
      DATE,
      { from: 'LAX', to: 'JFK', time: '09:00', minutes: 300, cabins: [economy(4, 30_000)] },
      { from: 'JFK', to: 'GRU', time: '15:00', minutes: 600, cabins: [economy(2, 50_000)] },
      { from: 'LAX', to: 'GRU', time: '12:00', minutes: 720, cabins: [economy(6, 99_000)] },
    );
  });

  test('finds direct flights and connections, with all that a customer has to know', async () => {
    const { status, body } = await search();
    expect(status).toBe(200);
    expect(body.nextCursor).toBeNull();
    const [connection, direct] = body.data;
    expect(connection).toMatchObject({
      origin: { iata: 'LAX', name: 'Los Angeles', timeZone: 'America/Los_Angeles' },
      destination: { iata: 'GRU', name: 'Guarulhos', timeZone: 'America/Sao_Paulo' },
      durationMinutes: 960,
      connections: 1,
      price: { amount: 80_000, currency: 'USD' },
      conditions: {
        refundable: true,
        cancellationFee: { amount: 5_000, currency: 'USD' },
        changeable: true,
        changeFee: { amount: 2_500, currency: 'USD' },
      },
      segments: [
        { id: ids[0], origin: { iata: 'LAX' }, cabins: [{ cabin: 'economy', availableSeats: 4 }] },
        { id: ids[1], origin: { iata: 'JFK' }, cabins: [{ cabin: 'economy', availableSeats: 2 }] },
      ],
    });
    expect(connection?.departureAt).toBe(connection?.segments[0]?.departureAt);
    expect(connection?.arrivalAt).toBe(connection?.segments[1]?.arrivalAt);
    expect(direct).toMatchObject({
      connections: 0,
      durationMinutes: 720,
      segments: [{ id: ids[2] }],
    });
  });

  test('shows each flight as a search of flights does', async () => {
    const [connection] = (await search()).body.data;
    for (const segment of connection?.segments ?? []) {
      const { body } = await backend.anyone.get(`/api/v1/flights/${segment.id}`);
      expect(body).toEqual(segment);
    }
  });

  test('puts the earliest, the cheapest or the shortest first', async () => {
    expect(await found(ids, { sort: 'departure' })).toEqual([[0, 1], [2]]);
    expect(await found(ids, { sort: 'price' })).toEqual([[0, 1], [2]]);
    expect(await found(ids, { sort: 'duration' })).toEqual([[2], [0, 1]]);
  });

  test('without connections finds direct flights alone', async () => {
    expect(await found(ids, { connections: '0' })).toEqual([[2]]);
  });

  test('needs seats for the whole party on every flight', async () => {
    expect(await found(ids, { passengers: '2' })).toEqual([[0, 1], [2]]);
    expect(await found(ids, { passengers: '3' })).toEqual([[2]]);
  });

  test('goes over the pages without a gap or a repeat', async () => {
    for (const sort of ['departure', 'price', 'duration']) {
      const whole = await found(ids, { sort });
      const first = (await search({ sort, limit: '1' })).body;
      const second = (await search({ sort, limit: '1', cursor: first.nextCursor ?? '' })).body;
      const paged = [...first.data, ...second.data].map(({ segments }) =>
        segments.map(({ id }) => ids.indexOf(id)),
      );
      expect(paged).toEqual(whole);
      expect(second.nextCursor).toBeNull();
    }
  });

  test('finds the way back as a search of its own', async () => {
    expect((await search({ origin: 'GRU', destination: 'LAX' })).body.data).toEqual([]);
  });

  test('by metropolitan area changes planes in one airport, not between two', async () => {
    const date = daysAfter(DATE, 1);
    const own = await onSale(
      date,
      { from: 'LAX', to: 'EWR', time: '09:00', minutes: 300 },
      { from: 'JFK', to: 'GRU', time: '16:00', minutes: 600 },
      { from: 'EWR', to: 'GRU', time: '17:00', minutes: 600 },
    );
    expect(await found(own, { date })).toEqual([[0, 2]]);
    expect(await found(own, { date, destination: 'NYC' })).toEqual([[0]]);
  });
});

test('a connection takes 45 minutes at least and six hours at most', async () => {
  const date = daysAfter(DATE, 2);
  const ids = await onSale(
    date,
    { from: 'LAX', to: 'JFK', time: '08:00', minutes: 300 },
    { from: 'JFK', to: 'GRU', time: '13:44', minutes: 600 },
    { from: 'JFK', to: 'GRU', time: '13:45', minutes: 600 },
    { from: 'JFK', to: 'GRU', time: '19:00', minutes: 600 },
    { from: 'JFK', to: 'GRU', time: '19:01', minutes: 600 },
  );
  expect(await found(ids, { date })).toEqual([
    [0, 2],
    [0, 3],
  ]);
});

test('two connections are found when they are asked for, and no airport twice', async () => {
  const date = daysAfter(DATE, 3);
  const ids = await onSale(
    date,
    { from: 'LAX', to: 'SFO', time: '08:00', minutes: 90 },
    { from: 'SFO', to: 'JFK', time: '11:00', minutes: 330 },
    { from: 'JFK', to: 'GRU', time: '18:00', minutes: 600 },
    { from: 'SFO', to: 'LAX', time: '10:30', minutes: 90 },
    { from: 'LAX', to: 'GRU', time: '14:00', minutes: 700 },
  );
  expect(await found(ids, { date })).toEqual([[4]]);
  expect(await found(ids, { date, connections: '2' })).toEqual([[0, 1, 2], [4]]);
});

test('a way takes 24 hours at most, also over midnight', async () => {
  const date = daysAfter(DATE, 5);
  const ids = await onSale(
    date,
    { from: 'LAX', to: 'JFK', time: '18:00', minutes: 300 },
    { from: 'LAX', to: 'SFO', time: '18:00', minutes: 840 },
  );
  const next = await onSale(
    daysAfter(date, 1),
    { from: 'JFK', to: 'GRU', time: '01:00', minutes: 600 },
    { from: 'SFO', to: 'GRU', time: '09:00', minutes: 540 },
    { from: 'SFO', to: 'GRU', time: '09:00', minutes: 541 },
  );
  expect(await found([...ids, ...next], { date })).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test('every flight is in the cabin that is searched, economy unless said otherwise', async () => {
  const date = daysAfter(DATE, 8);
  const business = { cabin: 'business' as const, seats: 2, price: 150_000 };
  const ids = await onSale(
    date,
    { from: 'LAX', to: 'JFK', time: '09:00', minutes: 300, cabins: [economy(3, 30_000), business] },
    { from: 'JFK', to: 'GRU', time: '15:00', minutes: 600, cabins: [economy(3, 50_000)] },
    { from: 'JFK', to: 'GRU', time: '16:00', minutes: 600, cabins: [business] },
  );
  expect(await found(ids, { date })).toEqual([[0, 1]]);
  expect(await found(ids, { date, cabin: 'business' })).toEqual([[0, 2]]);
  const [slice] = (await search({ date, cabin: 'business' })).body.data;
  expect(slice?.price.amount).toBe(300_000);
  expect(slice?.segments.flatMap(({ cabins }) => cabins.map(({ cabin }) => cabin))).toEqual([
    'business',
    'business',
  ]);
});

test('a slice leaves the search when sales of its first flight close', async () => {
  const date = daysAfter(DATE, 10);
  const ids = await onSale(
    date,
    { from: 'LAX', to: 'JFK', time: '12:00', minutes: 300 },
    { from: 'JFK', to: 'GRU', time: '18:00', minutes: 600 },
  );
  const departsIn = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  const move = async (first: number) => {
    const times = [first, first + 400].map((minutes) => ({
      departure_at: departsIn(minutes),
      arrival_at: departsIn(minutes + 300),
    }));
    for (const [index, id] of ids.entries())
      await backend
        .db('flights')
        .where({ id })
        .update({
          ...times[index],
          departure_date: localDateOf(departsIn(first), 'America/Los_Angeles'),
        });
  };
  const dayOf = (minutes: number) => localDateOf(departsIn(minutes), 'America/Los_Angeles');
  await move(59);
  expect(await found(ids, { date: dayOf(59) })).toEqual([]);
  await move(62);
  expect(await found(ids, { date: dayOf(62) })).toEqual([[0, 1]]);
});

test.each(['0001-01-01', '9999-12-31'])('on %s there is nothing to find', async (date) => {
  const { status, body } = await search({ date, connections: '2' });
  expect({ status, ...body }).toEqual({ status: 200, data: [], nextCursor: null });
});

describe('a search of slices is refused', () => {
  test('for a field that comes twice', async () => {
    const twice = 'origin=LAX&destination=GRU&connections=0&connections=1';
    expectInvalid(await backend.anyone.get(`/api/v1/slices?${twice}&date=${DATE}`), '/connections');
  });

  test('for a cursor of a search of flights', async () => {
    const query = `origin=LAX&destination=GRU&date=${DATE}&limit=1`;
    await onSale(DATE, { from: 'LAX', to: 'GRU', time: '13:00', minutes: 720 });
    const { body } = await backend.anyone.get(`/api/v1/flights?${query}`);
    const { nextCursor } = body as { nextCursor: string | null };
    expect(nextCursor).not.toBeNull();
    expectInvalid(await search({ limit: '1', cursor: nextCursor ?? '' }), '/cursor');
  });

  test.each([
    [
      'no route and no day',
      { origin: '', destination: '', date: '' },
      '/origin /destination /date',
    ],
    ['a day that no calendar has', { date: '2027-02-30' }, '/date'],
    ['the year 0', { date: '0000-01-01' }, '/date'],
    ['an instant', { date: '2027-03-01T00:00:00Z' }, '/date'],
    ['an origin in small letters', { origin: 'lax' }, '/origin'],
    ['an empty number of passengers', { passengers: '' }, '/passengers'],
    ['an empty cursor', { cursor: '' }, '/cursor'],
    ['nobody', { passengers: '0' }, '/passengers'],
    ['ten passengers', { passengers: '10' }, '/passengers'],
    ['a cabin that nobody has', { cabin: 'deck' }, '/cabin'],
    ['an order that nobody has', { sort: 'beauty' }, '/sort'],
    ['three connections', { connections: '3' }, '/connections'],
    ['fewer than no connections', { connections: '-1' }, '/connections'],
    ['half a connection', { connections: '0.5' }, '/connections'],
    ['connections that are no number', { connections: 'some' }, '/connections'],
    ['no number of connections', { connections: '' }, '/connections'],
    ['a page of none', { limit: '0' }, '/limit'],
    ['a page of 101', { limit: '101' }, '/limit'],
    ['a cursor of rubbish', { cursor: 'rubbish' }, '/cursor'],
    ['a field that is not known', { colour: 'red' }, '/colour'],
    ['an origin that there is not', { origin: 'ZZZ' }, '/origin'],
    ['there and back in one place', { destination: 'LAX' }, '/destination'],
    ['a way within one region', { origin: 'NYC', destination: 'JFK' }, '/destination'],
  ])('for %s', async (_, query, pointers) => {
    expectInvalid(await search(query), ...pointers.split(' '));
  });

  test.each([
    ['connections', '2'],
    ['cabin', 'first'],
    ['passengers', '2'],
    ['sort', 'price'],
    ['date', daysAfter(DATE, 1)],
  ])('when a cursor comes with another %s', async (name, value) => {
    const cursor = (await search({ limit: '1' })).body.nextCursor ?? '';
    expect((await search({ cursor })).status).toBe(200);
    expectInvalid(await search({ cursor, [name]: value }), '/cursor');
  });
});
