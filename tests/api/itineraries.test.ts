import { randomUUID } from 'node:crypto';
import { openStorefront, type Storefront } from '../support/api';
import { adult, adults, seatsByState } from '../support/flights';
import { putRoundTripOnSale, ROUND_TRIP_PRICE, type RoundTrip, YEAR } from '../support/itineraries';
import { expectInvalid, expectRefused, expectReplay, newKey, type Client } from './client';
import { putOnSale } from './timetable';

/** A customer books several flights at once: a way with a connection, and the way back. */

let store: Storefront;
let ada: Client;
let trip: RoundTrip;

beforeAll(async () => {
  store = await openStorefront();
});
beforeEach(async () => {
  ada = await store.customer();
  trip = await putRoundTripOnSale(store.db);
});
afterAll(() => store.close());

const book = (slices: unknown, details: Record<string, unknown> = {}, key?: string) =>
  ada.create({ id: '' }, { flightId: undefined, slices, ...details }, key);

const slicesOf = (...ids: (string | undefined)[][]) => ids.map((flightIds) => ({ flightIds }));

test('a round trip with connections is held, read, listed, paid and cancelled as one booking', async () => {
  const { status, body } = await book(trip.slices, { passengers: adults(2) });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    status: 'pending',
    flight: { id: trip.flightIds[0] },
    price: { amount: 2 * ROUND_TRIP_PRICE.amount },
    slices: [
      {
        origin: { iata: 'EWR' },
        destination: { iata: 'GRU' },
        segments: [{ id: trip.flightIds[0] }, { id: trip.flightIds[1], status: 'confirmed' }],
      },
      { origin: { iata: 'GRU' }, destination: { iata: 'EWR' }, segments: [{}, {}] },
    ],
  });
  for (const { seatNumber, seats } of body.passengers) {
    expect(seats?.map(({ flightId }) => flightId)).toEqual(trip.flightIds);
    expect(seatNumber).toBe(seats?.[0]?.seatNumber);
  }
  expect((await ada.read(body.id)).body).toEqual(body);
  expect((await ada.list(`?reference=${body.reference}`)).body.data).toEqual([body]);

  expect(await ada.pay(body)).toMatchObject({ status: 201 });
  for (const id of trip.flightIds)
    expect(await seatsByState(store.db, id)).toEqual({ free: 10, held: 0, sold: 2 });
  const cancelled = await ada.cancel(body);
  expect(cancelled.body).toMatchObject({
    status: 'cancelled',
    refund: { amount: 2 * ROUND_TRIP_PRICE.amount },
    slices: [{ segments: [{ status: 'cancelled' }, { status: 'cancelled' }] }, {}],
  });
  for (const id of trip.flightIds)
    expect(await seatsByState(store.db, id)).toEqual({ free: 12, held: 0, sold: 0 });
});

test('one flight may be asked for as a slice: the booking is as any of one flight', async () => {
  const [id = ''] = trip.flightIds;
  const seats = [{ flightId: id.toUpperCase(), seatNumber: '2B' }];
  const { status, body } = await book(slicesOf([id]), { passengers: [{ ...adult(), seats }] });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    flight: { id },
    slices: [{ origin: { iata: 'EWR' }, destination: { iata: 'LAX' }, segments: [{ id }] }],
    passengers: [{ seatNumber: '2B', seats: [{ flightId: id, seatNumber: '2B' }] }],
  });
  expect(await store.db('booking_segments').where({ booking_id: body.id })).toEqual([]);
  const named = { flightId: id, passengers: [adult('2C')] };
  expect((await ada.create({ id }, named)).body.passengers[0]).toMatchObject({
    seatNumber: '2C',
    seats: [{ flightId: id, seatNumber: '2C' }],
  });
});

test('passengers have the seats that they chose on each flight, and any on the others', async () => {
  const [, second = '', , fourth = ''] = trip.flightIds;
  const seats = [
    { flightId: fourth, seatNumber: '2A' },
    { flightId: second, seatNumber: '1F' },
  ];
  const { body } = await book(trip.slices, { passengers: [{ ...adult(), seats }] });
  expect(body.passengers[0]?.seats).toEqual([
    { flightId: trip.flightIds[0], seatNumber: expect.any(String) as string },
    { flightId: second, seatNumber: '1F' },
    { flightId: trip.flightIds[2], seatNumber: expect.any(String) as string },
    { flightId: fourth, seatNumber: '2A' },
  ]);
  const bea = await store.customer();
  const again = { flightId: undefined, slices: trip.slices, passengers: [{ ...adult(), seats }] };
  expectRefused(await bea.create({ id: '' }, again), 'seats_unavailable');
  for (const id of trip.flightIds)
    expect(await seatsByState(store.db, id)).toMatchObject({ free: 11, held: 1 });
});

test('a key stands for the whole itinerary: the same is replayed, another one is refused', async () => {
  const key = newKey();
  const first = await book(trip.slices, {}, key);
  expect(first.status).toBe(201);
  expectReplay(await book(trip.slices, {}, key), first);
  expectRefused(await book([...trip.slices].slice(0, 1), {}, key), 'idempotency_key_reused');
  const sameTime = await Promise.all([1, 2, 3].map(() => book(trip.slices, {}, key)));
  sameTime.forEach((answer) => expectReplay(answer, first));
});

test('the last seat of its last flight decides: sold out there, nothing is held anywhere', async () => {
  const [, , , last = ''] = trip.flightIds;
  const bea = await store.customer();
  await bea.create({ id: last }, { passengers: adults(9) });
  await bea.create({ id: last }, { passengers: adults(2) });
  expectRefused(await book(trip.slices, { passengers: adults(2) }), 'seats_unavailable');
  expect((await book(trip.slices)).status).toBe(201);
  expectRefused(await book(trip.slices), 'seats_unavailable');
});

describe('flights that make no itinerary are refused, with the flight that does not fit:', () => {
  /** From Newark to Los Angeles, unless said otherwise, on one day or another. */
  const flights = (...departures: { from?: string; to?: string; date?: string; time: string }[]) =>
    putOnSale(
      store.db,
      departures.map(({ date = `${YEAR}-05-01`, ...departure }) => ({ date, ...departure })),
    );

  test('one that leaves from another airport', async () => {
    const [one, two] = await flights({ time: '08:00' }, { from: 'SFO', to: 'GRU', time: '16:00' });
    expectInvalid(await book(slicesOf([one, two])), '/slices/0/flightIds/1');
  });

  test.each([
    ['44 minutes after the one before', '14:44'],
    ['before the one before has arrived', '13:00'],
    ['6 hours and a minute later', '20:01'],
  ])('one that leaves %s', async (_, time) => {
    const [one, two] = await flights({ time: '08:00' }, { from: 'LAX', to: 'GRU', time });
    expectInvalid(await book(slicesOf([one, two])), '/slices/0/flightIds/1');
  });

  test('one that goes back to where the slice began', async () => {
    const [one, two] = await flights({ time: '08:00' }, { from: 'LAX', to: 'EWR', time: '16:00' });
    expectInvalid(await book(slicesOf([one, two])), '/slices/0/flightIds/1');
    expect((await book(slicesOf([one], [two]))).status).toBe(201);
  });

  test('a slice that begins before the one before has ended', async () => {
    const [one, two] = await flights({ time: '08:00' }, { from: 'LAX', to: 'EWR', time: '13:59' });
    expectInvalid(await book(slicesOf([one], [two])), '/slices/1/flightIds/0');
    expectInvalid(await book(slicesOf([two], [one])), '/slices/1/flightIds/0');
  });

  test('the same one twice, in capitals or not, in one slice or in two', async () => {
    const [one = ''] = trip.flightIds;
    expectInvalid(await book(slicesOf([one, one.toUpperCase()])), '/slices/0/flightIds/1');
    expectInvalid(await book(slicesOf([one], [one])), '/slices/1/flightIds/0');
  });

  test('more than eight of them', async () => {
    const nine = Array.from({ length: 9 }, () => randomUUID());
    const slices = slicesOf(nine.slice(0, 3), nine.slice(3, 6), nine.slice(6));
    expectInvalid(await book(slices), '/slices/2/flightIds/2');
  });

  test('one that there is not, and one without the cabin', async () => {
    const [one] = trip.flightIds;
    expectRefused(await book(slicesOf([one], [randomUUID()])), 'flight_not_found');
    expectInvalid(await book(trip.slices, { cabin: 'business' }), '/slices/0/flightIds/0');
  });

  test('one whose sales have closed, though the last ones are far away', async () => {
    const [one = ''] = trip.flightIds;
    const departureAt = new Date(Date.now() + 59 * 60_000);
    const arrivalAt = new Date(departureAt.getTime() + 6 * 60 * 60_000);
    const moved = { departure_at: departureAt, arrival_at: arrivalAt };
    await store.db('flights').where({ id: one }).update(moved);
    expectRefused(await book(slicesOf([one], trip.flightIds.slice(2))), 'flight_closed');
  });
});

describe('a request is refused', () => {
  const id = randomUUID();
  const seat = (flightId: string, seatNumber = '1A') => ({ flightId, seatNumber });
  const infant = { familyName: 'King', type: 'infant' };

  test.each<[string, () => Record<string, unknown>, string]>([
    ['with a flight and slices', () => ({ flightId: id }), '/flightId'],
    ['with neither', () => ({ slices: undefined }), '/flightId'],
    ['with no slices', () => ({ slices: [] }), '/slices'],
    [
      'with nine slices',
      () => ({ slices: slicesOf(...Array.from({ length: 9 }, () => [id])) }),
      '/slices',
    ],
    ['with a slice of no flight', () => ({ slices: slicesOf([]) }), '/slices/0/flightIds'],
    [
      'with a slice of four flights',
      () => ({ slices: slicesOf(Array.from({ length: 4 }, () => randomUUID())) }),
      '/slices/0/flightIds',
    ],
    ['with a flight by its number', () => ({ slices: slicesOf(['UA1']) }), '/slices/0/flightIds/0'],
    [
      'with a field that slices lack',
      () => ({ slices: [{ flightIds: [id], cabin: 'first' }] }),
      '/slices/0/cabin',
    ],
    [
      'with a seat on which flight nobody says',
      () => ({ passengers: [adult('1A')] }),
      '/passengers/0/seatNumber',
    ],
    [
      'with a seat on a flight that is not in it',
      () => ({ passengers: [{ ...adult(), seats: [seat(id)] }] }),
      '/passengers/0/seats/0/flightId',
    ],
    [
      'with a seat that the flight lacks',
      () => ({ passengers: [{ ...adult(), seats: [seat(trip.flightIds[1] ?? '', '9A')] }] }),
      '/passengers/0/seats/0/seatNumber',
    ],
    [
      'with one seat for two',
      () => ({
        passengers: [0, 1].map(() => ({ ...adult(), seats: [seat(trip.flightIds[1] ?? '')] })),
      }),
      '/passengers/1/seats/0',
    ],
    [
      'with two seats for one',
      () => ({
        passengers: [
          {
            ...adult(),
            seats: ['1A', '1B'].map((number) => seat(trip.flightIds[1] ?? '', number)),
          },
        ],
      }),
      '/passengers/0/seats/1',
    ],
    [
      'with a seat for an infant',
      () => ({ passengers: [adult(), { ...infant, seats: [seat(trip.flightIds[1] ?? '')] }] }),
      '/passengers/1/seats/0',
    ],
  ])('%s, and nothing is held', async (_, details, pointer) => {
    expectInvalid(await book(trip.slices, details()), pointer);
    for (const flightId of trip.flightIds)
      expect(await seatsByState(store.db, flightId)).toMatchObject({ free: 12 });
  });

  test('with the seat of one flight told twice', async () => {
    const [one = ''] = trip.flightIds;
    const passengers = [{ ...adult('1A'), seats: [seat(one)] }];
    const [problem] = [await ada.create({ id: one }, { passengers })];
    expect(expectRefused(problem, 'validation_failed').errors).toContainEqual(
      expect.objectContaining({ pointer: '/passengers/0/seatNumber' }),
    );
  });
});
