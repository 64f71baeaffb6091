import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { putRoundTripOnSale, WAY_BACK, YEAR } from '../support/itineraries';
import { expectInvalid, expectRefused, expectReplay, newKey, type Client } from './client';
import { putOnSale } from './timetable';

/** What else a customer may say of those who fly, and keep with a booking. */

let store: Storefront;
let ada: Client;

beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

beforeEach(async () => {
  ada = await store.customer();
});

const DESCRIBED = {
  givenName: 'Ada',
  familyName: 'Lovelace',
  type: 'adult',
  title: 'Dr',
  bornOn: '1985-12-10',
  loyaltyNumber: 'ZZ-1815',
};
const METADATA = { order: '4711', 'trip:name': 'Grüße aus 東京 🗼', empty: '' };
const DETAILS = {
  passengers: [DESCRIBED],
  contact: { email: 'ada@example.com', phone: '+12125550142' },
  metadata: METADATA,
};

test('what is said of a passenger and kept with a booking comes back wherever the booking is shown', async () => {
  const flight = await store.flight();
  const key = newKey();
  const first = await ada.create(flight, DETAILS, key);
  expect(first).toMatchObject({
    status: 201,
    body: { passengers: [DESCRIBED], metadata: METADATA },
  });
  expectReplay(await ada.create(flight, DETAILS, key), first);
  expect((await ada.pay(first.body)).status).toBe(201);
  const { body } = await ada.read(first.body.id);
  expect(body).toMatchObject({ passengers: first.body.passengers, metadata: METADATA });
  expect((await ada.list()).body.data).toEqual([body]);
  expect((await ada.cancel(body)).body).toMatchObject({
    passengers: first.body.passengers,
    metadata: METADATA,
  });
});

test('who says nothing of it gets nulls and no metadata, and every passenger has an ID', async () => {
  const { body } = await ada.create(await store.flight(), {
    passengers: [DESCRIBED, { familyName: 'King', type: 'infant' }],
  });
  expect(body.metadata).toEqual({});
  expect(body.passengers[1]).toMatchObject({ title: null, bornOn: null, loyaltyNumber: null });
  const ids = body.passengers.map(({ id }) => id);
  expect(new Set(ids).size).toBe(2);
  expect((await ada.read(body.id)).body.passengers.map(({ id }) => id)).toEqual(ids);
});

test('metadata in another order are the same request; other ones are not', async () => {
  const flight = await store.flight();
  const key = newKey();
  const first = await ada.create(flight, { metadata: { a: '1', b: '2' } }, key);
  expectReplay(await ada.create(flight, { metadata: { b: '2', a: '1' } }, key), first);
  const other = await ada.create(flight, { metadata: { a: '1', b: '3' } }, key);
  expectRefused(other, 'idempotency_key_reused');
});

test('a phone alone is enough to be reached by', async () => {
  const contact = { phone: '+4930901820' };
  const { status, body } = await ada.create(await store.flight(), { contact });
  expect(status).toBe(201);
  const row = await store.db('bookings').where({ id: body.id }).first();
  expect(row).toMatchObject({ contact_phone: '+4930901820', contact_email: null });
});

test('a booking that is refused keeps what was said of its passengers, too', async () => {
  const flight = await store.flight({ seats: 1 });
  const claims = Array.from({ length: 4 }, async () =>
    (await store.customer()).create(flight, DETAILS),
  );
  const answers = await Promise.all(claims);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  const rows = await store.db('passengers').where({ loyalty_number: 'ZZ-1815' });
  expect(rows.every(({ title, born_on }) => title === 'Dr' && born_on === '1985-12-10')).toBe(true);
});

describe('the age counts on the day of the last flight, where it leaves', () => {
  const born = (bornOn: string, type: string) => ({
    passengers: [{ familyName: 'King' }, { familyName: 'King', type, bornOn }],
  });

  /** The last flight leaves Los Angeles at 19:00 on March 8, which is March 9 in UTC. */
  async function book(details: object): Promise<Awaited<ReturnType<Client['create']>>> {
    const { slices: out } = await putRoundTripOnSale(store.db);
    const back = { from: 'LAX', to: 'EWR', date: WAY_BACK, time: '22:00' };
    const slices = [...out.slice(0, 1), { flightIds: await putOnSale(store.db, [back]) }];
    return ada.create({ id: '' }, { flightId: undefined, slices, ...details });
  }

  test('an infant who turns two on the way back is a child', async () => {
    const details = born(`${YEAR - 2}-03-08`, 'infant');
    expectInvalid(await book(details), '/passengers/1/bornOn');
    expect((await book(born(`${YEAR - 2}-03-08`, 'child'))).status).toBe(201);
  });

  test('an infant who turns two a day later there, though not in UTC, is an infant', async () => {
    expect((await book(born(`${YEAR - 2}-03-09`, 'infant'))).status).toBe(201);
  });

  test('every date that does not fit is pointed at, and nothing is booked', async () => {
    const before = await store.db('bookings').count();
    const answer = await book({
      passengers: [
        { familyName: 'King', bornOn: `${YEAR - 11}-01-01` },
        { familyName: 'King', bornOn: '1990-01-01' },
        { familyName: 'King', type: 'child', bornOn: '1990-01-01' },
        { familyName: 'King', type: 'infant', bornOn: `${YEAR + 1}-01-01` },
      ],
    });
    expectInvalid(
      answer,
      ...['/passengers/0/bornOn', '/passengers/2/bornOn', '/passengers/3/bornOn'],
    );
    expect(await store.db('bookings').count()).toEqual(before);
  });
});

test.each<[string, object, string]>([
  ['no day of the calendar', { passengers: [{ ...DESCRIBED, bornOn: '1985-02-30' }] }, 'bornOn'],
  ['a day with a time', { passengers: [{ ...DESCRIBED, bornOn: '1985-02-03T00:00' }] }, 'bornOn'],
  ['a day of Rome', { passengers: [{ ...DESCRIBED, bornOn: '0044-03-15' }] }, 'bornOn'],
  ['a title as long as a name', { passengers: [{ ...DESCRIBED, title: 'D'.repeat(21) }] }, 'title'],
  ['a title that nobody sees', { passengers: [{ ...DESCRIBED, title: 'D\u202er' }] }, 'title'],
  ['a blank title', { passengers: [{ ...DESCRIBED, title: ' ' }] }, 'title'],
  [
    'a loyalty number with blanks',
    { passengers: [{ ...DESCRIBED, loyaltyNumber: 'ZZ 1' }] },
    'loyaltyNumber',
  ],
])('%s is refused, and pointed at', async (_, details, field) => {
  expectInvalid(await ada.create(await store.flight(), { ...details }), `/passengers/0/${field}`);
});

test.each<[string, object, string]>([
  ['a number without its country', { contact: { phone: '2125550142' } }, '/contact/phone'],
  ['a number with blanks', { contact: { phone: '+1 212 555 0142' } }, '/contact/phone'],
  ['a number that no country has', { contact: { phone: '+999123456789' } }, '/contact/phone'],
  ['a number that is too short', { contact: { phone: '+1212555' } }, '/contact/phone'],
  ['a contact without anything', { contact: {} }, '/contact/email'],
  ['metadata that are no texts', { metadata: { order: 4711 } }, '/metadata/order'],
  ['metadata of 501 characters', { metadata: { order: 'x'.repeat(501) } }, '/metadata/order'],
  ['a null byte in metadata', { metadata: { order: 'x\0' } }, '/metadata/order'],
  ['a blank in the name of metadata', { metadata: { 'an order': '1' } }, '/metadata/an order'],
  [
    '21 metadata',
    { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, ''])) },
    '/metadata',
  ],
])('%s are refused, and pointed at', async (_, details, pointer) => {
  expectInvalid(await ada.create(await store.flight(), { ...details }), pointer);
});

test('twenty metadata of 500 characters are kept', async () => {
  const metadata = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`key-${n}`, 'ä'.repeat(500)]),
  );
  const { body } = await ada.create(await store.flight(), { metadata });
  const { body: read } = await ada.get<Booking>(`/api/v1/bookings/${body.id}`);
  expect([body.metadata, read.metadata]).toEqual([metadata, metadata]);
});
