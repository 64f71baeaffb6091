import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../src/cli/wait';
import { openStorefront, type Storefront } from '../support/api';
import { adult, ADULT_PRICE, adults, FARE, seatsByState } from '../support/flights';
import { expectInvalid, expectRefused, expectReplay, newKey } from './client';
import { putOnSale } from './timetable';
import { PATIENCE_MS } from '../support/patience';

/** A customer asks for seats, and gets them held, or a clear no. */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

test('a booking holds a seat at once, says until when, and where it can be read', async () => {
  const ada = await store.customer();
  const flight = await store.flight();
  const { status, headers, body } = await ada.create(flight);
  expect(status).toBe(201);
  expect(headers.get('location')).toBe(`/api/v1/bookings/${body.id}`);
  expect(headers.get('idempotent-replayed')).toBeNull();
  const ends = {
    origin: { iata: 'LHR', name: 'London Heathrow', timeZone: 'Europe/London' },
    destination: { iata: 'JFK', name: 'New York Kennedy', timeZone: 'America/New_York' },
    departureAt: flight.departureAt.toISOString(),
    arrivalAt: expect.any(String) as string,
  };
  const flown = {
    id: flight.id,
    flightNumber: expect.stringMatching(/^ZZ\d+$/) as string,
    ...ends,
  };
  expect(body).toEqual({
    id: expect.any(String),
    reference: expect.stringMatching(/^[A-HJ-NP-Z2-9]{6}$/),
    status: 'pending',
    cancellationReason: null,
    flight: flown,
    cabin: 'economy',
    slices: [{ ...ends, segments: [{ ...flown, cabin: 'economy', status: 'confirmed' }] }],
    passengers: [
      {
        id: expect.any(String),
        givenName: 'Ada',
        familyName: 'Lovelace',
        type: 'adult',
        title: null,
        bornOn: null,
        loyaltyNumber: null,
        seatNumber: expect.stringMatching(/^1[A-F]$/),
        seats: [{ flightId: flight.id, seatNumber: body.passengers[0]?.seatNumber }],
      },
    ],
    price: { ...ADULT_PRICE, breakdown: { base: FARE.base, taxes: FARE.taxes, fees: FARE.fees } },
    paymentRequiredBy: expect.any(String),
    createdAt: expect.any(String),
    metadata: {},
    payment: null,
    refund: null,
    scheduleChange: null,
    availableActions: ['pay', 'cancel'],
    workflowId: `booking-${body.id}`,
  });
  const windowMs = Date.parse(body.paymentRequiredBy ?? '') - Date.parse(body.createdAt);
  // It begins when the seats are held, a moment after the booking was asked for.
  expect(windowMs).toBeGreaterThanOrEqual(900_000);
  expect(windowMs).toBeLessThan(910_000);
  expect(await seatsByState(store.db, flight.id)).toEqual({ free: 5, held: 1, sold: 0 });
  expect((await ada.read(body.id)).body).toEqual(body);
  expect((await ada.read(body.id.toUpperCase())).body).toEqual(body);
});

test('a family sits where it asked to, and pays a price that adds up', async () => {
  const ada = await store.customer();
  const flight = await store.flight({ seats: 12 });
  const { body } = await ada.create(flight, {
    passengers: [
      adult('2C'),
      { givenName: 'Byron', familyName: 'King', type: 'child', seatNumber: '2D' },
      { givenName: 'Ralph', familyName: 'King', type: 'infant' },
    ],
    contact: { email: 'ada@example.com' },
  });
  expect(body.passengers.map(({ type, seatNumber }) => [type, seatNumber])).toEqual([
    ['adult', '2C'],
    ['child', '2D'],
    ['infant', null],
  ]);
  expect(body.price).toEqual({
    amount: 25_000,
    currency: 'USD',
    breakdown: { base: 21_000, taxes: 3_000, fees: 1_000 },
  });
});

test('names are kept as people write them, but for blanks around them', async () => {
  const ada = await store.customer();
  const names = ['Zoë', "O'Neill-Łukasz", '李', 'Nguyễn Thị'];
  const { body } = await ada.create(await store.flight(), {
    passengers: names.map((name) => ({ givenName: `  ${name} `, familyName: name })),
  });
  expect(body.passengers.map(({ givenName }) => givenName)).toEqual(names);
  expect((await ada.read(body.id)).body.passengers).toEqual(body.passengers);
});

test('people with one name book by it, whether the other is left out or null', async () => {
  const ada = await store.customer();
  const flight = await store.flight();
  const key = newKey();
  const contact = { email: 'suharto@räucher.de' };
  const first = await ada.create(flight, { passengers: [{ familyName: 'Suharto' }], contact }, key);
  expect(first).toMatchObject({
    status: 201,
    body: { passengers: [{ givenName: null, familyName: 'Suharto', seatNumber: '1A' }] },
  });
  const asShown = { passengers: [{ givenName: null, familyName: 'Suharto' }], contact };
  expectReplay(await ada.create(flight, asShown, key), first);
  expect((await ada.read(first.body.id)).body.passengers).toEqual(first.body.passengers);
  expect((await ada.list()).body.data[0]?.passengers).toEqual(first.body.passengers);
  expect((await ada.pay(first.body)).status).toBe(201);
  expect((await ada.cancel(first.body)).body.passengers).toMatchObject([{ givenName: null }]);
});

test('a name with its accents written apart is the same name, and the same request', async () => {
  const ada = await store.customer();
  const flight = await store.flight();
  const key = newKey();
  const named = (name: string) => ({ passengers: [{ givenName: name, familyName: name }] });
  const first = await ada.create(flight, named('Zoë Nguyễn'.normalize('NFD')), key);
  expect(first.body.passengers[0]?.familyName).toBe('Zoë Nguyễn'.normalize('NFC'));
  expectReplay(await ada.create(flight, named('Zoë Nguyễn'.normalize('NFC')), key), first);
});

describe('a request is refused', () => {
  const adultNamed = (givenName: unknown) => ({ passengers: [{ givenName, familyName: 'King' }] });
  const infant = { givenName: 'Ralph', familyName: 'King', type: 'infant' };
  const child = { ...infant, type: 'child' };

  test.each<[string, Record<string, unknown>, string]>([
    ['without a flight', { flightId: undefined }, '/flightId'],
    ['for a flight by its number', { flightId: 'ZZ1' }, '/flightId'],
    ['without passengers', { passengers: undefined }, '/passengers'],
    ['with passengers that are no list', { passengers: adult() }, '/passengers'],
    ['with nineteen passengers', { passengers: adults(19) }, '/passengers'],
    ['with ten seats', { passengers: adults(10) }, '/passengers'],
    ['with a child alone', { passengers: [child] }, '/passengers'],
    ['with two infants on one lap', { passengers: [adult(), infant, infant] }, '/passengers'],
    [
      'with a seat for an infant',
      { passengers: [adult('1A'), { ...infant, seatNumber: '1B' }] },
      '/passengers/1',
    ],
    ['with one seat for two', { passengers: [adult('1A'), adult('1A')] }, '/passengers/1'],
    ['with a seat in small letters', { passengers: [adult('1a')] }, '/passengers/0/seatNumber'],
    [
      'with a seat that the flight lacks',
      { passengers: [adult(), adult('99A')] },
      '/passengers/1/seatNumber',
    ],
    ['with a cabin that nobody has', { cabin: 'deck' }, '/cabin'],
    ['with a cabin that the flight lacks', { cabin: 'first' }, '/cabin'],
    ['with a passenger without names', { passengers: [{}] }, '/passengers/0/familyName'],
    ['with an empty name', adultNamed(''), '/passengers/0/givenName'],
    ['with a blank name', adultNamed('   '), '/passengers/0/givenName'],
    ['with a name as long as a page', adultNamed('a'.repeat(101)), '/passengers/0/givenName'],
    ['with a name that is a number', adultNamed(7), '/passengers/0/givenName'],
    ['with a null byte in a name', adultNamed('A\0da'), '/passengers/0/givenName'],
    ['with a line break in a name', adultNamed('Ada\n'), '/passengers/0/givenName'],
    ['with an escape sequence in a name', adultNamed('\u001b[2J'), '/passengers/0/givenName'],
    ['with a line separator in a name', adultNamed('A\u2028da'), '/passengers/0/givenName'],
    ['with half a character in a name', adultNamed('A\ud800'), '/passengers/0/givenName'],
    ['with a name that nobody sees', adultNamed('\u200b'), '/passengers/0/givenName'],
    ['with a byte order mark before a name', adultNamed('\ufeffAda'), '/passengers/0/givenName'],
    ['with a name that is read backwards', adultNamed('A\u202eda'), '/passengers/0/givenName'],
    ['with a name that has no letter', adultNamed('-'), '/passengers/0/givenName'],
    [
      'with a family name that nobody sees',
      { passengers: [{ familyName: '\u3164' }] },
      '/passengers/0/familyName',
    ],
    [
      'with an address that nobody sees',
      { contact: { email: 'ada\u200b@example.com' } },
      '/contact/email',
    ],
    [
      'with two addresses',
      { contact: { email: 'ada@example.com,eve@example.com' } },
      '/contact/email',
    ],
    [
      'with a kind of passenger that is none',
      { passengers: [{ ...infant, type: 'dog' }] },
      '/passengers/0/type',
    ],
    ['with an address that is none', { contact: { email: 'ada' } }, '/contact/email'],
    ['with a price of its own', { price: 1 }, '/price'],
    [
      'with a field that a passenger lacks',
      { passengers: [{ ...adult(), age: 36 }] },
      '/passengers/0/age',
    ],
    [
      'with a field that contacts lack',
      { contact: { email: 'ada@example.com', fax: '1' } },
      '/contact/fax',
    ],
    ['with a field that every object has', { constructor: {} }, '/constructor'],
    ['with a slash in a field', { 'a/b~c': 1 }, '/a~1b~0c'],
  ])('%s, and the answer points at it', async (_, details, pointers) => {
    const ada = await store.customer();
    const answer = await ada.create(await store.flight(), details);
    expectInvalid(answer, ...pointers.split(' '));
  });

  test.each([
    ['nothing', undefined],
    ['a list', []],
  ])('that is %s', async (_, body) => {
    const ada = await store.customer();
    expectInvalid(await ada.send('POST', '/api/v1/bookings', { body }), '');
  });

  test('for a seat in another cabin than the one booked', async () => {
    const [id = ''] = await putOnSale(store.db, [
      {
        date: '2099-01-01',
        time: '08:00',
        cabins: [
          { cabin: 'economy', seats: 6, price: 12_000 },
          { cabin: 'business', seats: 2, price: 90_000 },
        ],
      },
    ]);
    const ada = await store.customer();
    const inBusiness = { cabin: 'business', passengers: [adult('2A')] };
    expect((await ada.create({ id }, inBusiness)).status).toBe(201);
    expectInvalid(
      await ada.create({ id }, { passengers: [adult('2B')] }),
      '/passengers/0/seatNumber',
    );
  });

  test('for a flight that there is not', async () => {
    const ada = await store.customer();
    expectRefused(await ada.create({ id: randomUUID() }), 'flight_not_found');
  });

  test('for a flight whose sales have closed', async () => {
    const ada = await store.customer();
    const flight = await store.flight({ departsInMinutes: 59 });
    expectRefused(await ada.create(flight), 'flight_closed');
  });

  test('for a seat that is taken, or more seats than are left', async () => {
    const [ada, bea] = [await store.customer(), await store.customer()];
    const flight = await store.flight({ seats: 3 });
    await ada.create(flight, { passengers: [adult('1B')] });
    expectRefused(await bea.create(flight, { passengers: [adult('1B')] }), 'seats_unavailable');
    expectRefused(await bea.create(flight, { passengers: adults(3) }), 'seats_unavailable');
    expect((await bea.create(flight, { passengers: adults(2) })).status).toBe(201);
  });

  test('from an operator: only customers buy', async () => {
    const operator = await store.operator();
    expectRefused(await operator.create(await store.flight()), 'forbidden');
  });

  test('when the customer holds as many unpaid bookings as one may', async () => {
    const ada = await store.customer();
    const flight = await store.flight({ seats: 30 });
    const key = newKey();
    const held = await Promise.all(Array.from({ length: 10 }, () => ada.create(flight)));
    expect(held.map(({ status }) => status)).toEqual(Array(10).fill(201));
    const refused = await ada.create(flight, {}, key);
    expectRefused(refused, 'too_many_holds');
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 10 });
    await ada.cancel(held[0]?.body ?? { id: '' });
    expect((await ada.create(flight)).status).toBe(201);
    expectRefused(await ada.create(flight, {}, key), 'too_many_holds');
  });
});

test('of many who ask at once, as many get a seat as there are', async () => {
  const flight = await store.flight({ seats: 3 });
  const crowd = await Promise.all(Array.from({ length: 12 }, () => store.customer()));
  const answers = await Promise.all(crowd.map((one) => one.create(flight)));
  const won = answers.filter(({ status }) => status === 201);
  const lost = answers.filter(({ status }) => status !== 201);
  expect(won).toHaveLength(3);
  expect(new Set(won.map(({ body }) => body.passengers[0]?.seatNumber)).size).toBe(3);
  lost.forEach((answer) => expectRefused(answer, 'seats_unavailable'));
});

test('while no worker is there a booking is accepted, can be read, and gets its seats later', async () => {
  const queue = 'no-worker-yet';
  const api = await store.startApi({ taskQueue: queue });
  const sub = `customer-${randomUUID()}`;
  const [ada, bea] = [await api.customer(sub), await api.customer()];
  const flight = await store.flight();
  const key = newKey();
  const [accepted, again, other] = await Promise.all([
    ada.create(flight, {}, key),
    ada.create(flight, {}, key),
    ada.create(flight, { passengers: adults(2) }, key),
  ]);
  const winner = accepted.status === 202 ? accepted : other;
  const losers = [accepted, again, other].filter(({ status }) => status !== 202);
  losers.forEach((answer) => expectRefused(answer, 'idempotency_key_reused'));
  const { id, reference } = winner.body;
  expect(winner.headers.get('location')).toBe(`/api/v1/bookings/${id}`);
  const party = winner === other ? 2 : 1;
  expect(winner.body).toMatchObject({
    status: 'initiated',
    passengers: Array.from({ length: party }, () => ({ seatNumber: null })),
    paymentRequiredBy: null,
    availableActions: [],
  });
  expect((await ada.read(id)).body).toEqual(winner.body);
  expectRefused(await bea.read(id), 'booking_not_found');

  await store.startWorker(queue);
  await waitUntil(async () => (await ada.read(id)).body.status === 'pending', {
    timeoutMs: PATIENCE_MS,
    intervalMs: 200,
    onTimeout: () => new Error('The booking never got its seats'),
  });
  const pending = (await ada.read(id)).body;
  expect(pending).toMatchObject({ id, reference, status: 'pending' });
  const retried = await ada.create(flight, { passengers: adults(party) }, key);
  expect(retried).toMatchObject({ status: 201, body: pending });
});
