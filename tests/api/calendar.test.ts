import { openApi, type ApiUnderTest } from '../support/api';
import { expectInvalid } from './client';
import { putOnSale } from './timetable';

/** Anyone may see on which day of a month it is cheapest to fly. */

let backend: ApiUnderTest;
/** Always to come, and long ahead. */
const YEAR = new Date().getUTCFullYear() + 1;
const MONTH = `${String(YEAR)}-02`;
const day = (number: number) => `${MONTH}-${String(number).padStart(2, '0')}`;

beforeAll(async () => {
  backend = await openApi();
  await putOnSale(backend.db, [
    { date: day(3), time: '08:00', cabins: [economy(6, 30_000)] },
    { date: day(3), time: '09:00', cabins: [economy(2, 20_000), business(4, 90_000)] },
    { date: day(4), time: '08:00', cabins: [economy(9, 25_000)] },
    // Late in the evening in New York it is the next day elsewhere.
    { date: day(28), time: '23:30', cabins: [economy(3, 15_000)] },
    { from: 'JFK', date: day(5), time: '08:00', cabins: [economy(3, 10_000)] },
    { date: `${String(YEAR)}-03-01`, time: '08:00', cabins: [economy(3, 5_000)] },
  ]);
  await putOnSale(backend.db, [{ date: day(6), time: '08:00', cabins: [economy(3, 7_000)] }]);
  await backend
    .db('flights')
    .where({ departure_date: day(6) })
    .update({ status: 'cancelled' });
});
afterAll(() => backend.close());

function economy(seats: number, price: number) {
  return { cabin: 'economy' as const, seats, price };
}
function business(seats: number, price: number) {
  return { cabin: 'business' as const, seats, price };
}

interface Calendar {
  month: string;
  days: { date: string; lowestPrice: { amount: number; currency: string } | null }[];
}

const ask = (query: Record<string, string>) => {
  const all = { origin: 'EWR', destination: 'LAX', month: MONTH, ...query };
  return backend.anyone.get<Calendar>(
    `/api/v1/flights/calendar?${new URLSearchParams(all).toString()}`,
  );
};

/** The days on which something is on sale, with the price. */
async function prices(query: Record<string, string> = {}): Promise<Record<string, number>> {
  const { body } = await ask(query);
  return Object.fromEntries(
    body.days.flatMap(({ date, lowestPrice }) =>
      lowestPrice === null ? [] : [[date, lowestPrice.amount]],
    ),
  );
}

test('a calendar has every day of the month, and no other', async () => {
  const { body, headers } = await ask({});
  const last = new Date(Date.UTC(YEAR, 2, 0)).getUTCDate();
  expect(body.month).toBe(MONTH);
  expect(body.days.map(({ date }) => date)).toEqual(
    Array.from({ length: last }, (_, index) => day(index + 1)),
  );
  expect(headers.get('cache-control')).toBe('private, max-age=10');
});

test('each day has the lowest price of a flight with enough seats; a cancelled one has none', async () => {
  expect(await prices()).toEqual({ [day(3)]: 20_000, [day(4)]: 25_000, [day(28)]: 15_000 });
  expect(await prices({ passengers: '3' })).toEqual({
    [day(3)]: 30_000,
    [day(4)]: 25_000,
    [day(28)]: 15_000,
  });
  expect(await prices({ passengers: '7' })).toEqual({ [day(4)]: 25_000 });
  expect(await prices({ cabin: 'business' })).toEqual({ [day(3)]: 90_000 });
  expect(await prices({ cabin: 'first' })).toEqual({});
});

test('a metropolitan area has the lowest price of all its airports', async () => {
  expect(await prices({ origin: 'NYC' })).toMatchObject({ [day(5)]: 10_000, [day(3)]: 20_000 });
});

test('agrees with the search of each day', async () => {
  for (const passengers of ['1', '3'])
    for (const [date, amount] of Object.entries(await prices({ passengers }))) {
      const query = { origin: 'EWR', destination: 'LAX', date, passengers, sort: 'price' };
      const { body } = await backend.anyone.get<{
        data: { cabins: { price: { amount: number }; availableSeats: number }[] }[];
      }>(`/api/v1/flights?${new URLSearchParams(query).toString()}`);
      const offers = body.data[0]?.cabins.filter(
        ({ availableSeats }) => availableSeats >= Number(passengers),
      );
      expect(Math.min(...(offers ?? []).map(({ price }) => price.amount))).toBe(amount);
    }
});

test.each([
  [{ month: '2026-13' }, '/month'],
  [{ month: '2026-1' }, '/month'],
  [{ month: '0000-01' }, '/month'],
  [{ month: '2026-12-01' }, '/month'],
  [{ origin: 'ewr' }, '/origin'],
  [{ origin: 'XXX' }, '/origin'],
  [{ origin: 'NYC', destination: 'JFK' }, '/destination'],
  [{ passengers: '10' }, '/passengers'],
  [{ cabin: 'roof' }, '/cabin'],
  [{ sort: 'price' }, '/sort'],
])('%j is refused', async (query, pointer) => {
  expectInvalid(await ask(query), pointer);
});
