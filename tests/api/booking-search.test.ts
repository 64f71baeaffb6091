import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { putRoundTripOnSale } from '../support/itineraries';
import { expectInvalid, expectRefused, type Client, type Page } from './client';

/** Operators find bookings by what people tell them, and no name stands in a URL. */

let store: Storefront;
let ada: Client;
let operator: Client;

beforeAll(async () => {
  store = await openStorefront();
  ada = await store.customer();
  operator = await store.operator();
});
afterAll(() => store.close());

const search = (criteria: object, by = operator) =>
  by.post<Page<Booking>>('/api/v1/bookings/search', criteria);

async function idsOf(criteria: object): Promise<string[]> {
  const { status, body } = await search(criteria);
  expect(status).toBe(200);
  return body.data.map(({ id }) => id);
}

async function book(familyName: string, details: object = {}): Promise<Booking> {
  const customer = await store.customer();
  const passengers = [{ givenName: 'Ada', familyName }];
  const { body } = await customer.create(await store.flight(), { passengers, ...details });
  return body;
}

test.each([
  ['Müller', ['muller', 'MÜLLER', 'Mu\u0308ller'], ['Mueller', 'Mull', 'Müllerin']],
  ["O'Neill-Łukasz", ['oneill lukasz', 'O’NEILL-ŁUKASZ'], ['oneill']],
  ['Straße', ['STRASSE', 'straße'], ['strase']],
  ['Nguyễn', ['nguyen', 'NGUYỄN'], ['nguyn']],
  ['Ægir', ['aegir'], ['agir']],
  ['Παπαδόπουλος', ['παπαδοπουλος', 'ΠΑΠΑΔΌΠΟΥΛΟς'], ['παπα']],
  ['Чайковский', ['ЧАЙКОВСКИЙ'], ['Чайковская']],
  ['李', ['李'], ['木']],
])('%s is found as people write it, and others are not', async (name, found, others) => {
  const { id } = await book(name);
  for (const familyName of found) expect(await idsOf({ familyName })).toEqual([id]);
  for (const familyName of others) expect(await idsOf({ familyName })).toEqual([]);
});

test('whoever of a party has the name, the booking is found, once', async () => {
  const passengers = [
    { givenName: 'Ada', familyName: 'Partyfirst' },
    { givenName: 'Ida', familyName: 'Partysecond' },
    { givenName: 'Uda', familyName: 'Partysecond' },
  ];
  const { body } = await ada.create(await store.flight(), { passengers });
  expect(await idsOf({ familyName: 'partysecond' })).toEqual([body.id]);
});

test('an address is found in any case, and not by a part of it', async () => {
  const { id } = await book('Byron', { contact: { email: 'Ada.Byron@Example.com' } });
  expect(await idsOf({ contactEmail: 'ada.byron@example.COM' })).toEqual([id]);
  expect(await idsOf({ contactEmail: 'byron@example.com' })).toEqual([]);
});

test('a booking is found by each of its flights, by its reference, and by all together', async () => {
  const { slices, flightIds } = await putRoundTripOnSale(store.db);
  const { body } = await ada.create({ id: '' }, { flightId: undefined, slices });
  const { id, reference } = body;
  for (const flightId of flightIds) expect(await idsOf({ flightId })).toEqual([id]);
  expect(await idsOf({ reference: reference.toLowerCase() })).toEqual([id]);
  const all = { flightId: flightIds[2]?.toUpperCase(), reference, familyName: 'lovelace' };
  expect(await idsOf(all)).toEqual([id]);
  expect(await idsOf({ ...all, familyName: 'byron' })).toEqual([]);
});

test('cancelled bookings are found, too, with all that is known of them', async () => {
  const flight = await store.flight();
  const { body } = await ada.create(flight);
  await ada.cancel(body);
  const { body: found } = await search({ flightId: flight.id });
  expect(found.data).toEqual([(await operator.read(body.id)).body]);
});

test('pages follow one another, newest first, without a gap; a cursor belongs to its search', async () => {
  const flight = await store.flight({ seats: 12 });
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    const { body } = await (await store.customer()).create(flight);
    made.unshift(body.id);
  }
  const criteria = { flightId: flight.id, limit: 2 };
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const { body } = await search({
      ...criteria,
      ...(typeof cursor === 'string' ? { cursor } : {}),
    });
    seen.push(...body.data.map(({ id }) => id));
    cursor = body.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(made);
  const { body } = await search(criteria);
  const other = { familyName: 'Lovelace', cursor: body.nextCursor };
  expectInvalid(await search(other), '/cursor');
});

test('customers search nothing, and learn nothing', async () => {
  expectRefused(await search({ familyName: 'Lovelace' }, ada), 'forbidden');
  expectRefused(await search({ familyName: 'Lovelace' }, store.anyone), 'unauthenticated');
});

test.each<[string, object, string]>([
  ['without a criterion', {}, ''],
  ['with a limit alone', { limit: 5 }, ''],
  ['for an empty name', { familyName: '' }, '/familyName'],
  ['for an address that is none', { contactEmail: 'ada' }, '/contactEmail'],
  ['for a flight by its number', { flightId: 'ZZ1' }, '/flightId'],
  ['for a given name', { givenName: 'Ada', familyName: 'Lovelace' }, '/givenName'],
  ['for 101 bookings', { familyName: 'Lovelace', limit: 101 }, '/limit'],
])('a search %s is refused, and pointed at', async (_, criteria, pointer) => {
  expectInvalid(await search(criteria), pointer);
});
