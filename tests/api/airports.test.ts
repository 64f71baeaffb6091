import type { AirportDetails } from '../../src/db/flights/airport-view';
import { addCarriersAndAirports } from '../../src/db/flights/schedule';
import { openApi, type ApiUnderTest } from '../support/api';
import { expectInvalid } from './client';
import { AIRPORTS } from './timetable';

/** Whoever looks for a place finds the code that a search takes. */

const CARRIERS = [{ code: 'YY', name: 'Timetable Air' }];

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
  // They come in any order, and go out in one.
  await addCarriersAndAirports(backend.db, CARRIERS, AIRPORTS.toReversed());
});
afterAll(() => backend.close());

const ask = (query: string) =>
  backend.anyone.get<{ data: AirportDetails[] }>(`/api/v1/airports${query}`);

async function codesFor(q: string): Promise<string[]> {
  const { status, body } = await ask(`?${new URLSearchParams({ q }).toString()}`);
  expect(status).toBe(200);
  return body.data.map(({ iata }) => iata);
}

test('an airport is found with all that is known of it', async () => {
  const { body } = await ask('?q=JFK');
  expect(body).toEqual({
    data: [
      {
        iata: 'JFK',
        name: 'John F Kennedy',
        city: 'New York',
        metropolitanArea: 'NYC',
        timeZone: 'America/New_York',
      },
    ],
  });
  expect((await ask('?q=LAX')).body.data).toMatchObject([{ city: null, metropolitanArea: null }]);
});

test.each([
  ['a code in small letters', 'jfk', ['JFK']],
  ['the beginning of a code', 'lg', ['LGA']],
  ['a metropolitan area', 'nyc', ['EWR', 'JFK', 'LGA']],
  ['a city', 'New York', ['JFK', 'LGA']],
  ['a part of a name', 'kenn', ['JFK']],
  ['the beginning of a city before a part of a name', 'new', ['EWR', 'JFK', 'LGA']],
  ['a city with its accent', 'São', ['GRU']],
  ['a city without its accent', 'sao paulo', ['GRU']],
  ['an accent that was typed as a letter and a mark', 'sa\u0303o', ['GRU']],
  ['blanks around it', '  gru ', ['GRU']],
  ['what would be a pattern', '%', []],
  ['what would match any letter', 'J_K', []],
  ['SQL', "' OR true --", []],
  ['a place that we do not fly to', 'Atlantis', []],
])('%s finds it', async (_, q, codes) => {
  expect(await codesFor(q)).toEqual(codes);
});

test('nothing asked for shows all of them, by code', async () => {
  const all = AIRPORTS.map(({ iata }) => iata).sort();
  expect(await codesFor('')).toEqual(all);
  expect(await codesFor('   ')).toEqual(all);
  expect((await ask('')).body.data.map(({ iata }) => iata)).toEqual(all);
});

test.each([
  ['a null byte', '?q=%00', '/q'],
  ['a line break', '?q=a%0Ab', '/q'],
  ['a text as long as a page', `?q=${'a'.repeat(101)}`, '/q'],
  ['two texts', '?q=a&q=b', '/q'],
  ['a field that is not known', '?city=Newark', '/city'],
])('%s is refused', async (_, query, pointer) => {
  expectInvalid(await ask(query), pointer);
});

test('an answer never grows past a hundred airports', async () => {
  const letters = Array.from('ABCDEFGHIJKLM');
  const many = letters.flatMap((a) => letters.map((b) => `X${a}${b}`));
  await addCarriersAndAirports(
    backend.db,
    CARRIERS,
    many.map((iata) => ({ iata, name: 'Field', timeZone: 'UTC' })),
  );
  expect(await codesFor('x')).toEqual(many.slice(0, 100));
  expect(await codesFor('')).toHaveLength(100);
});
