import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { adult, seatsByState, type FlightOnSale } from '../support/flights';
import { putRoundTripOnSale } from '../support/itineraries';
import { expectInvalid, expectRefused, newKey, type Client } from './client';

/** Names are corrected and seats are chosen free of charge, held or sold. */

let store: Storefront;
let ada: Client;
let flight: FlightOnSale;
let booking: Booking;

beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

beforeEach(async () => {
  ada = await store.customer();
  flight = await store.flight({ seats: 12 });
  booking = await hold();
});

afterEach(async () => {
  expect(await auditBooks(store.db)).toEqual([]);
});

/** Ada in 1A, a child in 1B, and an infant. */
async function hold(): Promise<Booking> {
  const { body } = await ada.create(flight, {
    passengers: [
      adult('1A'),
      { givenName: 'Byron', familyName: 'King', type: 'child', seatNumber: '1B' },
      { givenName: 'Ralph', familyName: 'King', type: 'infant' },
    ],
  });
  return body;
}

async function sell(): Promise<void> {
  expect((await ada.pay(booking)).status).toBe(201);
}

const idOf = (passenger: number) => booking.passengers[passenger]?.id ?? '';

const keyed = (key?: string) => ({
  headers: key === undefined ? {} : { 'x-idempotency-key': key },
});

const rename = (
  names: unknown,
  passenger = idOf(0),
  { by = ada, key = undefined as string | undefined } = {},
) =>
  by.send<Booking>('PATCH', `/api/v1/bookings/${booking.id}/passengers/${passenger}`, {
    body: names,
    ...keyed(key),
  });

const move = (seats: unknown, { by = ada, key = undefined as string | undefined } = {}) =>
  by.send<Booking>('POST', `/api/v1/bookings/${booking.id}/seats`, {
    body: { seats },
    ...keyed(key),
  });

const to = (passenger: number, seatNumber: string, flightId = flight.id) => ({
  passengerId: idOf(passenger),
  flightId,
  seatNumber,
});

const seatsOf = ({ passengers }: Booking) => passengers.map(({ seatNumber }) => seatNumber);

async function expectAsBefore(): Promise<void> {
  const { passengers } = (await ada.read(booking.id)).body;
  expect(passengers).toEqual(booking.passengers);
}

describe.each(['held', 'sold'] as const)('of a booking that is %s', (standing) => {
  beforeEach(async () => {
    if (standing === 'sold') await sell();
  });

  test('a name is corrected, and shown so from then on; the history says that, and no name', async () => {
    const corrected = await rename({ familyName: 'Lovelase' });
    expect(corrected).toMatchObject({
      status: 200,
      body: { passengers: [{ id: idOf(0), givenName: 'Ada', familyName: 'Lovelase' }, {}, {}] },
    });
    expect((await ada.read(booking.id)).body).toEqual(corrected.body);
    const { data } = (await ada.events(booking)).body;
    expect(data.at(-1)).toMatchObject({ type: 'name_corrected', actor: 'customer', reason: null });
    expect(JSON.stringify(data)).not.toMatch(/Lovela[cs]e/);
  });

  test('passengers move to free seats, and those that they leave are on sale', async () => {
    const moved = await move([to(0, '2C'), to(1, '2D')]);
    expect(moved.status).toBe(200);
    expect(seatsOf(moved.body)).toEqual(['2C', '2D', null]);
    expect((await ada.read(booking.id)).body).toEqual(moved.body);
    const taken = standing === 'sold' ? { held: 0, sold: 2 } : { held: 2, sold: 0 };
    expect(await seatsByState(store.db, flight.id)).toEqual({ free: 10, ...taken });
    const other = await (await store.customer()).create(flight, { passengers: [adult('1A')] });
    expect(other.status).toBe(201);
    const { data } = (await ada.events(booking)).body;
    expect(data.at(-1)).toMatchObject({ type: 'seats_changed', actor: 'customer' });
  });

  test('passengers exchange their seats', async () => {
    const moved = await move([to(0, '1B'), to(1, '1A')]);
    expect(seatsOf(moved.body)).toEqual(['1B', '1A', null]);
  });

  test('all move or none', async () => {
    await (await store.customer()).create(flight, { passengers: [adult('2C')] });
    expectRefused(await move([to(0, '2D'), to(1, '2C')]), 'seats_unavailable');
    expectRefused(await move([to(0, '1B')]), 'seats_unavailable');
    await expectAsBefore();
  });
});

test('what was amended is sold, changed and cancelled as it is then', async () => {
  await rename({ familyName: 'Lovelase' });
  await move([to(0, '2C'), to(1, '2D')]);
  await sell();
  const { body } = await ada.read(booking.id);
  expect(body.passengers).toMatchObject([{ familyName: 'Lovelase', seatNumber: '2C' }, {}, {}]);
  expect(await seatsByState(store.db, flight.id)).toEqual({ free: 10, held: 0, sold: 2 });
  expect((await ada.cancel(booking)).body.status).toBe('cancelled');
  expect(await seatsByState(store.db, flight.id)).toEqual({ free: 12, held: 0, sold: 0 });
});

test('on several flights each passenger moves on the flights that are named', async () => {
  const { slices, flightIds } = await putRoundTripOnSale(store.db);
  const sitting = (seatNumber: string) => ({
    ...adult(),
    seats: flightIds.map((flightId) => ({ flightId, seatNumber })),
  });
  const passengers = [sitting('1A'), sitting('1B')];
  const { body } = await ada.create({ id: '' }, { flightId: undefined, slices, passengers });
  booking = body;
  const [first = '', second = ''] = flightIds;
  const others = body.passengers.map(({ seats = [] }) => seats.slice(2));
  const moved = await move([to(0, '2F', first), to(1, '2E', first), to(0, '2F', second)]);
  expect(moved.body.passengers).toMatchObject([
    {
      seatNumber: '2F',
      seats: [
        { flightId: first, seatNumber: '2F' },
        { flightId: second, seatNumber: '2F' },
        ...(others[0] ?? []),
      ],
    },
    { seatNumber: '2E', seats: [{ flightId: first, seatNumber: '2E' }, {}, ...(others[1] ?? [])] },
  ]);
  const exchanged = await move([to(0, '2E', first), to(1, '2F', first)]);
  expect(seatsOf(exchanged.body)).toEqual(['2E', '2F']);
  expect((await ada.pay(booking)).status).toBe(201);
});

test('three letters at most differ from the names as they were booked first, however often they are corrected', async () => {
  expect((await rename({ givenName: 'Adam' })).status).toBe(200);
  expect((await rename({ givenName: 'Adam', familyName: 'Lovelass' })).status).toBe(200);
  expectRefused(await rename({ familyName: 'Lovelassie' }), 'name_change_refused');
  expect((await rename({ givenName: 'Ada', familyName: 'Lovelace' })).status).toBe(200);
  expectRefused(await rename({ givenName: 'Grace' }), 'name_change_refused');
  expectRefused(await rename({ givenName: 'Lovelace', familyName: 'Ada' }), 'name_change_refused');
  await expectAsBefore();
});

test('a given name that was forgotten is added; one that there is not is null', async () => {
  const { body } = await ada.create(flight, { passengers: [{ familyName: 'Suharto' }] });
  booking = body;
  expect((await rename({ givenName: 'Aji' })).body.passengers[0]?.givenName).toBe('Aji');
  expect((await rename({ givenName: null })).body.passengers[0]?.givenName).toBeNull();
});

test('names are corrected until two hours before departure, and seats until then', async () => {
  const leavesAt = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  await sell();
  await store
    .db('flights')
    .where({ id: flight.id })
    .update({ departure_at: leavesAt(119) });
  expectRefused(await rename({ givenName: 'Adam' }), 'name_change_refused');
  expect((await move([to(0, '2C')])).status).toBe(200);
  await store
    .db('flights')
    .where({ id: flight.id })
    .update({ departure_at: leavesAt(-1) });
  expectRefused(await move([to(0, '1A')]), 'flight_departed');
});

test('nothing of a cancelled booking is amended', async () => {
  await ada.cancel(booking);
  expectRefused(await rename({ givenName: 'Adam' }), 'name_change_refused');
  expectRefused(await move([to(0, '2C')]), 'booking_not_changeable');
});

test('who there is not, and what others have booked, is not found', async () => {
  const eve = await store.customer();
  expectRefused(await rename({ givenName: 'Adam' }, randomUUID()), 'passenger_not_found');
  expectRefused(await rename({ givenName: 'Adam' }, 'nobody'), 'passenger_not_found');
  const stranger = { ...to(0, '2C'), passengerId: randomUUID() };
  expectRefused(await move([stranger]), 'passenger_not_found');
  expectRefused(await rename({ givenName: 'Adam' }, idOf(0), { by: eve }), 'booking_not_found');
  expectRefused(await move([to(0, '2C')], { by: eve }), 'booking_not_found');
  await expectAsBefore();
});

test('an operator amends a booking for its customer, and the history says so', async () => {
  const operator = await store.operator();
  expect((await rename({ givenName: 'Adam' }, idOf(0), { by: operator })).status).toBe(200);
  expect((await move([to(0, '2C')], { by: operator })).status).toBe(200);
  const { data } = (await ada.events(booking)).body;
  expect(data.slice(-2)).toMatchObject([{ actor: 'airline' }, { actor: 'airline' }]);
});

test('what is so already changes nothing, and adds nothing to the history', async () => {
  const before = (await ada.events(booking)).body;
  expect((await rename({ familyName: 'Lovelace' })).body).toEqual(booking);
  expect((await move([to(0, '1A'), to(1, '1B')])).body).toEqual(booking);
  expect((await ada.events(booking)).body).toEqual(before);
});

test('a key stands for one request: it is carried out once, and another one under it is refused', async () => {
  const key = newKey();
  const once = await Promise.all([move([to(0, '2C')], { key }), move([to(0, '2C')], { key })]);
  expect(once.map(({ status }) => status)).toEqual([200, 200]);
  expect((await move([to(0, '1C')])).status).toBe(200);
  const again = await move([to(0, '2C')], { key });
  expect(again.body).toEqual(once[0].body);
  expect(seatsOf((await ada.read(booking.id)).body)).toEqual(['1C', '1B', null]);
  expectRefused(await move([to(0, '2D')], { key }), 'idempotency_key_reused');
});

test('of two requests that come with one key at once, one is carried out, and the other is refused', async () => {
  const key = newKey();
  const [one, other] = await Promise.all([
    move([to(0, '2C')], { key }),
    move([to(0, '2D')], { key }),
  ]);
  const [done, refused] = one.status === 200 ? [one, other] : [other, one];
  expect(done.status).toBe(200);
  expectRefused(refused, 'idempotency_key_reused');
  expect((await ada.read(booking.id)).body).toEqual(done.body);
});

test('a key that has changed nothing brings no name and no seat back later', async () => {
  const [ofName, ofSeat] = [newKey(), newKey()];
  expect((await rename({ familyName: 'Lovelace' }, idOf(0), { key: ofName })).body).toEqual(
    booking,
  );
  expect((await move([to(0, '1A')], { key: ofSeat })).body).toEqual(booking);
  expect((await rename({ familyName: 'Lovelase' })).status).toBe(200);
  const moved = await move([to(0, '2C')]);
  expect(moved.status).toBe(200);
  expect((await rename({ familyName: 'Lovelace' }, idOf(0), { key: ofName })).body).toEqual(
    booking,
  );
  expect((await move([to(0, '1A')], { key: ofSeat })).body).toEqual(booking);
  expect((await ada.read(booking.id)).body).toEqual(moved.body);
});

test('a key of a sold booking keeps its answer though its workflow is another one since', async () => {
  await sell();
  const key = newKey();
  const first = await move([to(0, '2C')], { key });
  const since = await move([to(0, '1C')]);
  expect([first.status, since.status]).toEqual([200, 200]);
  await store.env.client.workflow.getHandle(booking.workflowId).terminate();
  const again = await move([to(0, '2C')], { key });
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect((await ada.read(booking.id)).body).toEqual(since.body);
});

describe.each(['held', 'sold'] as const)(
  'a key of a booking that was %s keeps its answer',
  (at) => {
    beforeEach(async () => {
      if (at === 'sold') await sell();
    });

    test('though somebody else has the seat since', async () => {
      const key = newKey();
      const first = await move([to(0, '2C')], { key });
      expect(first.status).toBe(200);
      expect((await move([to(0, '1C')])).status).toBe(200);
      const bea = await store.customer();
      expect(await bea.create(flight, { passengers: [adult('2C')] })).toMatchObject({
        status: 201,
      });
      expectRefused(await move([to(0, '2C')]), 'seats_unavailable');
      expect((await move([to(0, '2C')], { key })).body).toEqual(first.body);
    });

    test('though the name is another one since, or it is too late for names', async () => {
      const key = newKey();
      const first = await rename({ familyName: 'Lovelase' }, idOf(0), { key });
      expect(first.status).toBe(200);
      expectRefused(
        await rename({ familyName: 'King' }, idOf(1), { key }),
        'idempotency_key_reused',
      );
      const departure_at = new Date(Date.now() + 90 * 60_000);
      await store.db('flights').where({ id: flight.id }).update({ departure_at });
      expectRefused(await rename({ familyName: 'Lovelece' }), 'name_change_refused');
      const again = await rename({ familyName: 'Lovelase' }, idOf(0), { key });
      expect(again.body).toEqual(first.body);
    });

    test('though the booking is cancelled since', async () => {
      const [ofName, ofSeat] = [newKey(), newKey()];
      const renamed = await rename({ familyName: 'Lovelase' }, idOf(0), { key: ofName });
      const moved = await move([to(0, '2C')], { key: ofSeat });
      expect((await ada.cancel(booking)).status).toBe(200);
      expectRefused(await move([to(0, '2D')]), 'booking_not_changeable');
      const again = await rename({ familyName: 'Lovelase' }, idOf(0), { key: ofName });
      expect(again.body).toEqual(renamed.body);
      expect((await move([to(0, '2C')], { key: ofSeat })).body).toEqual(moved.body);
    });
  },
);

test.each<[string, unknown, string]>([
  ['nothing', {}, '/familyName'],
  ['an empty name', { familyName: '' }, '/familyName'],
  ['no family name', { familyName: null }, '/familyName'],
  ['a name that nobody sees', { givenName: '\u200b' }, '/givenName'],
  ['a type', { givenName: 'Ada', type: 'child' }, '/type'],
])('a correction with %s is refused', async (_, names, pointer) => {
  expectInvalid(await rename(names), pointer);
  await expectAsBefore();
});

test('a choice of seats that does not fit the booking is refused, and pointed at', async () => {
  expectInvalid(await move([]), '/seats');
  expectInvalid(await move([to(0, '2c')]), '/seats/0/seatNumber');
  expectInvalid(await move([to(0, '2A'), to(1, '99A')]), '/seats/1/seatNumber');
  expectInvalid(await move([to(0, '2A'), to(2, '2B')]), '/seats/1/passengerId');
  expectInvalid(await move([to(0, '2A'), to(1, '2A')]), '/seats/1/seatNumber');
  expectInvalid(await move([to(0, '2A'), to(0, '2B')]), '/seats/1');
  expectInvalid(await move([to(0, '2A', randomUUID())]), '/seats/0/flightId');
  await expectAsBefore();
});

test('customers who want one seat at once: one gets it, and nobody has none', async () => {
  const rivals = await Promise.all([1, 2, 3, 4].map(() => store.customer()));
  const bookings = await Promise.all(
    rivals.map(async (rival) => (await rival.create(flight)).body),
  );
  const answers = await Promise.all(
    rivals.map((rival, index) => {
      const of = bookings[index];
      return rival.send<Booking>('POST', `/api/v1/bookings/${of?.id ?? ''}/seats`, {
        body: {
          seats: [{ passengerId: of?.passengers[0]?.id, flightId: flight.id, seatNumber: '2F' }],
        },
      });
    }),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  expect(await seatsByState(store.db, flight.id)).toEqual({ free: 6, held: 6, sold: 0 });
});
