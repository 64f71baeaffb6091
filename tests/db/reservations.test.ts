import { randomUUID } from 'node:crypto';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { findOutcome } from '../../src/db/idempotency/outcome-view';
import type { Booking } from '../../src/domain/booking';
import { proposeReference } from '../../src/domain/booking-reference';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, adults, putFlightOnSale, requestOf, seatsByState } from '../support/flights';
import { untilWaiting } from '../support/rival';
import { eventsOf, hold, terms } from './inventory';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

test('a reservation holds seats, and answers the booking with its price, its deadline and its seats', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const requestedAt = new Date();
  const infant = { givenName: 'Byron', familyName: 'King', type: 'infant' as const };
  const request = requestOf(flight, { passengers: [adult(), infant] });

  const result = await reserve(db, request, terms({ requestedAt, paymentWindowSeconds: 900 }));

  expect(result).toMatchObject({
    outcome: 'held',
    now: { status: 'pending', cancellationReason: null },
    fingerprint: request.fingerprint,
    booking: {
      id: request.bookingId,
      reference: proposeReference(request.bookingId),
      status: 'pending',
      cancellationReason: null,
      passengers: [
        {
          givenName: 'Ada',
          type: 'adult',
          seatNumber: expect.stringMatching(/^1[A-F]$/) as string,
        },
        { givenName: 'Byron', type: 'infant', seatNumber: null },
      ],
      price: {
        amount: 13_000,
        currency: 'USD',
        breakdown: { base: 11_000, taxes: 1_500, fees: 500 },
      },
      createdAt: requestedAt.toISOString(),
      paymentRequiredBy: new Date(requestedAt.getTime() + 900_000).toISOString(),
      payment: null,
      refund: null,
      availableActions: ['pay', 'cancel'],
      workflowId: `booking-${request.bookingId}`,
    },
  });
  expect(await seatsByState(db, flight.id)).toEqual({ free: 5, held: 1, sold: 0 });
  expect(await eventsOf(db, request.bookingId)).toEqual(['seats_held']);
});

test('passengers who chose seats get these, and the others of the party get any', async () => {
  const flight = await putFlightOnSale(db, { seats: 12 });
  const request = requestOf(flight, { passengers: [adult(), adult('2C'), adult(), adult('1F')] });
  const { passengers } = await reserved(request);
  expect(passengers.map(({ seatNumber }) => seatNumber)).toEqual([
    expect.stringMatching(/^[12][A-F]$/),
    '2C',
    expect.stringMatching(/^[12][A-F]$/),
    '1F',
  ]);
  expect(new Set(passengers.map(({ seatNumber }) => seatNumber)).size).toBe(4);
  expect(await seatsOf(request)).toEqual(passengers.map(({ seatNumber }) => seatNumber).sort());
});

test('a party that chose no seats sits side by side', async () => {
  const flight = await putFlightOnSale(db, { seats: 12 });
  await hold(db, flight, { passengers: [adult('1C')] });
  await hold(db, flight, { passengers: [adult('2A')] });
  const { passengers } = await reserved(requestOf(flight, { passengers: adults(5) }));
  expect(passengers.map(({ seatNumber }) => seatNumber)).toEqual(['2B', '2C', '2D', '2E', '2F']);
});

test('a chosen seat that is taken refuses the party as a whole, and no seat changes', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  await hold(db, flight, { passengers: [adult('1C')] });
  const request = requestOf(flight, { passengers: [adult('1B'), adult('1C'), adult()] });
  expect(await reserve(db, request, terms())).toMatchObject({
    outcome: 'refused',
    code: 'seats_unavailable',
  });
  expect(await seatsByState(db, flight.id)).toEqual({ free: 5, held: 1, sold: 0 });
});

test('a party larger than what is left is refused as a whole', async () => {
  const flight = await putFlightOnSale(db, { seats: 3 });
  const request = requestOf(flight, { passengers: adults(4) });
  expect(await reserve(db, request, terms())).toMatchObject({
    outcome: 'refused',
    code: 'seats_unavailable',
  });
  expect(await seatsByState(db, flight.id)).toEqual({ free: 3, held: 0, sold: 0 });
});

test('a refused reservation is kept as a cancelled booking without seats', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = requestOf(flight, { passengers: adults(2) });
  await reserve(db, request, terms());
  expect(await db('bookings').where({ id: request.bookingId }).first()).toMatchObject({
    status: 'cancelled',
    cancellation_reason: 'seats_unavailable',
    payment_required_by: null,
  });
  expect(await eventsOf(db, request.bookingId)).toEqual(['seats_refused']);
});

test('a flight whose sales have closed is refused', async () => {
  const departureAt = new Date('2026-11-23T12:00:00Z');
  const flight = await putFlightOnSale(db, { seats: 6, departureAt });
  const request = requestOf(flight);
  const result = await reserve(
    db,
    request,
    terms({ requestedAt: new Date('2026-11-23T11:00:00Z') }),
  );
  expect(result).toMatchObject({ outcome: 'refused', code: 'flight_closed' });
  expect(await seatsByState(db, flight.id)).toMatchObject({ held: 0 });
});

test('a customer with too many unpaid bookings gets no more, until one of them ends', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const { customerId, ...first } = await hold(db, flight);
  await hold(db, flight, { customerId });
  const limit = terms({ maxOpenHoldsPerCustomer: 2 });

  const third = await reserve(db, requestOf(flight, { customerId }), limit);
  expect(third).toMatchObject({ outcome: 'refused', code: 'too_many_holds' });

  await cancelUnpaidBooking(
    db,
    { customerId, ...first },
    { reason: 'customer_request', actor: customerId, requestedAt: new Date() },
  );
  const fourth = await reserve(db, requestOf(flight, { customerId }), limit);
  expect(fourth).toMatchObject({ outcome: 'held' });
});

test.each(['flight', 'cabin'])(
  'a %s that is not sold is refused, and nothing is kept',
  async (missing) => {
    const flight = await putFlightOnSale(db, { seats: 1 });
    const request = requestOf(
      missing === 'flight' ? { id: randomUUID() } : flight,
      missing === 'cabin' ? { cabin: 'first' } : {},
    );
    await expect(reserve(db, request, terms())).rejects.toMatchObject({ code: 'flight_not_found' });
    expect(await db('bookings').where({ id: request.bookingId })).toEqual([]);
  },
);

test('a repeated reservation gets the same answer, and takes no second seat', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const request = requestOf(flight);
  const first = await reserve(db, request, terms());
  const second = await reserve(db, request, terms({ requestedAt: new Date(Date.now() + 60_000) }));
  expect(second).toEqual(first);
  expect(await seatsByState(db, flight.id)).toMatchObject({ held: 1 });
  expect(await eventsOf(db, request.bookingId)).toEqual(['seats_held']);
});

test('a reservation repeated without an idempotency key gets the same answer, too', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const request = requestOf(flight, { idempotencyKey: null });
  expect(await reserve(db, request, terms())).toEqual(await reserve(db, request, terms()));
  expect(await seatsByState(db, flight.id)).toMatchObject({ held: 1 });
});

test('a refusal stays a refusal when it is asked for again, also once seats are free', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const other = await hold(db, flight);
  const request = requestOf(flight);
  const first = await reserve(db, request, terms());
  await cancelUnpaidBooking(db, other, {
    reason: 'customer_request',
    actor: other.customerId,
    requestedAt: new Date(),
  });
  expect(await reserve(db, request, terms())).toEqual(first);
  expect(await seatsByState(db, flight.id)).toEqual({ free: 1, held: 0, sold: 0 });
});

test('the same reservation many times at once holds one seat', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const request = requestOf(flight);
  const results = await Promise.all(Array.from({ length: 8 }, () => reserve(db, request, terms())));
  for (const result of results) expect(result).toEqual(results[0]);
  expect(await seatsByState(db, flight.id)).toMatchObject({ held: 1 });
});

test('an answer about a booking tells which request it belongs to, so that a key can’t be reused for another', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const held = requestOf(flight, { fingerprint: 'first' });
  const refused = requestOf(flight, { fingerprint: 'first' });
  await reserve(db, held, terms());
  await reserve(db, refused, terms());
  for (const request of [held, refused]) {
    const again = await reserve(db, { ...request, fingerprint: 'second' }, terms());
    expect(again.fingerprint).toBe('first');
  }
});

test('a reservation binds its idempotency key to the booking, letter by letter', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const request = requestOf(flight);
  const booking = await reserved(request);
  const outcome = await findOutcome(db, keyOf(request));
  expect(outcome).toEqual({
    fingerprint: request.fingerprint,
    kind: 'booking_created',
    body: booking,
  });
  expect(JSON.stringify(outcome?.body)).toBe(JSON.stringify(booking));
});

test.each([
  ['seats_unavailable', { passengers: adults(2) }, {}],
  ['flight_closed', {}, { requestedAt: new Date('2100-01-01') }],
])('a refusal, %s, binds its idempotency key', async (code, details, limits) => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = requestOf(flight, details);
  await reserve(db, request, terms(limits));
  expect(await findOutcome(db, keyOf(request))).toMatchObject({
    kind: 'booking_refused',
    body: { code },
  });
});

test('a reservation that fails half way leaves nothing: no booking, no seat, no bound key', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const request = requestOf(flight, { passengers: [{ ...adult(), givenName: 'A\u0000' }] });
  await expect(reserve(db, request, terms())).rejects.toThrow();
  expect(await db('bookings').where({ id: request.bookingId })).toEqual([]);
  expect(await seatsByState(db, flight.id)).toEqual({ free: 6, held: 0, sold: 0 });
  expect(await findOutcome(db, keyOf(request))).toBeUndefined();
});

test('two bookings that propose the same reference get different ones', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const tail = '23456789abcd';
  const one = requestOf(flight, { bookingId: `11111111-1111-4111-8111-${tail}` });
  const other = requestOf(flight, { bookingId: `22222222-2222-4222-8222-${tail}` });
  expect(proposeReference(one.bookingId)).toBe(proposeReference(other.bookingId));
  expect((await reserved(one)).reference).not.toBe((await reserved(other)).reference);
});

test('of forty customers at once for the last ten seats, ten get one each, and nobody shares', async () => {
  const flight = await putFlightOnSale(db, { seats: 10 });
  const requests = Array.from({ length: 40 }, () => requestOf(flight));
  const results = await Promise.all(requests.map((request) => reserve(db, request, terms())));

  const seats = results.flatMap((result) =>
    result.outcome === 'held' ? result.booking.passengers.map(({ seatNumber }) => seatNumber) : [],
  );
  expect(seats).toHaveLength(10);
  expect(new Set(seats).size).toBe(10);
  expect(await seatsByState(db, flight.id)).toEqual({ free: 0, held: 10, sold: 0 });
});

test('of many parties at once, some of them choosing seats, each gets all of its seats or none', async () => {
  const flight = await putFlightOnSale(db, { seats: 30 });
  const requests = Array.from({ length: 20 }, (_, index) =>
    requestOf(flight, {
      passengers: index % 4 === 0 ? [adult('3C'), adult('3D'), adult()] : adults((index % 3) + 1),
    }),
  );
  const results = await Promise.all(requests.map((request) => reserve(db, request, terms())));

  for (const [index, result] of results.entries()) {
    const request = requests[index] as BookingRequest;
    const wanted = request.passengers.length;
    expect(await seatsOf(request)).toHaveLength(result.outcome === 'held' ? wanted : 0);
  }
  const wantedTheSame = results.filter(
    (result, index) => index % 4 === 0 && result.outcome === 'held',
  );
  expect(wantedTheSame.length).toBeLessThanOrEqual(1);
});

test('a seat is not sold out while another claim may still give it back', async () => {
  const flight = await putFlightOnSale(db, { seats: 1 });
  const rival = await db.transaction();
  await rival('seats').where({ flight_id: flight.id }).forUpdate().select();

  const claim = reserve(db, requestOf(flight), terms());
  await untilWaiting(db);
  await rival.rollback();

  expect(await claim).toMatchObject({ outcome: 'held' });
});

test('a customer who books everything at once holds no more than the limit', async () => {
  const flight = await putFlightOnSale(db, { seats: 30 });
  const { customerId } = requestOf(flight);
  const results = await Promise.all(
    Array.from({ length: 12 }, () =>
      reserve(db, requestOf(flight, { customerId }), terms({ maxOpenHoldsPerCustomer: 3 })),
    ),
  );
  expect(results.filter(({ outcome }) => outcome === 'held')).toHaveLength(3);
  expect(await seatsByState(db, flight.id)).toMatchObject({ held: 3 });
});

async function reserved(request: BookingRequest): Promise<Booking> {
  const result = await reserve(db, request, terms());
  if (result.outcome !== 'held') throw new Error(`The reservation was ${result.outcome}`);
  return result.booking;
}

async function seatsOf({ bookingId }: BookingRequest): Promise<string[]> {
  const seats = await db('seats').where({ booking_id: bookingId }).pluck<string[]>('seat_number');
  return seats.sort();
}

function keyOf({ customerId, idempotencyKey }: BookingRequest) {
  return { callerId: customerId, route: 'bookings', key: idempotencyKey ?? '' } as const;
}
