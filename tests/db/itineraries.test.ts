import { readBooking } from '../../src/db/bookings/booking-view';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { reserve } from '../../src/db/bookings/reservations';
import { listSold } from '../../src/db/bookings/sold-view';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, adults, paymentFor, seatsByState } from '../support/flights';
import {
  itineraryRequest,
  putRoundTripOnSale,
  ROUND_TRIP_PRICE,
  type RoundTrip,
} from '../support/itineraries';
import { eventsOf, settleWithProvider, terms } from './inventory';

let database: TestDatabase;
let db: Db;
let trip: RoundTrip;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

beforeEach(async () => {
  trip = await putRoundTripOnSale(db);
});

afterAll(async () => {
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
  await database.drop();
});

async function held(request: BookingRequest): Promise<Booking> {
  const result = await reserve(db, request, terms());
  if (result.outcome !== 'held') throw new Error(`Bug: the itinerary is ${result.outcome}`);
  return result.booking;
}

async function sold(request: BookingRequest): Promise<Booking> {
  const { price } = await held(request);
  const { amount, currency } = price;
  const payment = paymentFor(request, { amount, currency });
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment);
  return read(request);
}

async function read({ bookingId }: BookingRequest): Promise<Booking> {
  const found = await readBooking(db, bookingId);
  if (found === undefined) throw new Error('Bug: the booking is not there');
  return found.booking;
}

const statesOf = (flightIds: string[]) => Promise.all(flightIds.map((id) => seatsByState(db, id)));
const all = (state: object) => trip.flightIds.map(() => state);

test('an itinerary holds a seat on each of its flights, at the sum of their prices', async () => {
  const request = itineraryRequest(trip.slices);
  const booking = await held(request);
  expect(booking).toMatchObject({
    status: 'pending',
    flight: { id: trip.flightIds[0] },
    price: {
      ...ROUND_TRIP_PRICE,
      breakdown: { base: 46_000, taxes: 6_000, fees: 2_000 },
    },
    slices: [
      { origin: { iata: 'EWR' }, destination: { iata: 'GRU' } },
      { origin: { iata: 'GRU' }, destination: { iata: 'EWR' } },
    ],
  });
  const segments = booking.slices?.flatMap((slice) => slice.segments) ?? [];
  expect(segments.map(({ id, cabin, status }) => ({ id, cabin, status }))).toEqual(
    trip.flightIds.map((id) => ({ id, cabin: 'economy', status: 'confirmed' })),
  );
  expect(booking.passengers[0]?.seats?.map(({ flightId }) => flightId)).toEqual(trip.flightIds);
  expect(booking.passengers[0]?.seatNumber).toBe(booking.passengers[0]?.seats?.[0]?.seatNumber);
  expect(await statesOf(trip.flightIds)).toEqual(all({ free: 11, held: 1, sold: 0 }));
  expect(await read(request)).toEqual(booking);
  expect(await eventsOf(db, request.bookingId)).toEqual(['seats_held']);
});

test('infants pay a tenth of the base fare of each flight, and have no seat on any', async () => {
  const infant = { familyName: 'King', type: 'infant' as const };
  const booking = await held(itineraryRequest(trip.slices, { passengers: [adult(), infant] }));
  expect(booking.price.breakdown).toEqual({ base: 46_000 + 4_600, taxes: 6_000, fees: 2_000 });
  expect(booking.passengers[1]).toMatchObject({ seatNumber: null, seats: [] });
});

test('on each flight a party sits together, and those who chose a seat there have it', async () => {
  const [, second = '', , fourth = ''] = trip.flightIds;
  const seats = [
    { flightId: second, seatNumber: '2C' },
    { flightId: fourth, seatNumber: '1A' },
  ];
  const child = { familyName: 'King', type: 'child' as const };
  const party = [{ ...adult(), seats }, child];
  const booking = await held(itineraryRequest(trip.slices, { passengers: party }));
  const [ofAdult, ofChild] = booking.passengers.map((passenger) =>
    (passenger.seats ?? []).map(({ seatNumber }) => seatNumber),
  );
  expect([ofAdult?.[1], ofAdult?.[3]]).toEqual(['2C', '1A']);
  const distances = ofAdult?.map((seat, index) => {
    const other = ofChild?.[index] ?? '';
    expect(other[0]).toBe(seat[0]);
    return Math.abs(other.charCodeAt(1) - seat.charCodeAt(1));
  });
  expect(distances).toEqual([1, 1, 1, 1]);
});

test('with too few seats on the last flight, none is held on any', async () => {
  const [, , , last = ''] = trip.flightIds;
  const rest = itineraryRequest([{ flightIds: trip.flightIds.slice(0, 1) }, { flightIds: [last] }]);
  // They fill the last flight but for one seat.
  await held({ ...rest, passengers: adults(9) });
  await held({ ...itineraryRequest(rest.slices ?? []), passengers: adults(2) });
  const request = itineraryRequest(trip.slices, { passengers: adults(2) });
  expect(await reserve(db, request, terms())).toMatchObject({
    outcome: 'refused',
    code: 'seats_unavailable',
  });
  const [, second = '', third = ''] = trip.flightIds;
  expect(await statesOf([second, third])).toEqual(Array(2).fill({ free: 12, held: 0, sold: 0 }));
  expect(await read(request)).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'seats_unavailable',
    slices: [
      { segments: [{ status: 'cancelled' }, { status: 'cancelled' }] },
      {
        segments: [
          { id: third, status: 'cancelled' },
          { id: last, status: 'cancelled' },
        ],
      },
    ],
    passengers: [
      { seatNumber: null, seats: [] },
      { seatNumber: null, seats: [] },
    ],
  });
});

test('a claim that is repeated, also at once, holds each seat once and returns the same', async () => {
  const request = itineraryRequest(trip.slices, { passengers: adults(3) });
  const [first, ...others] = await Promise.all(
    Array.from({ length: 5 }, () => reserve(db, request, terms())),
  );
  for (const other of [...others, await reserve(db, request, terms())])
    expect(other).toEqual(first);
  expect(await statesOf(trip.flightIds)).toEqual(all({ free: 9, held: 3, sold: 0 }));
});

test('a payment sells the seats of all flights, and a cancellation frees them', async () => {
  const request = itineraryRequest(trip.slices, { passengers: adults(2) });
  expect(await sold(request)).toMatchObject({
    status: 'booked',
    payment: { status: 'captured', amount: 108_000 },
  });
  expect(await statesOf(trip.flightIds)).toEqual(all({ free: 10, held: 0, sold: 2 }));
  for (const flightId of trip.flightIds)
    expect(await listSold(db, { flightId })).toMatchObject([
      { bookingId: request.bookingId, seatNumbers: [expect.any(String), expect.any(String)] },
    ]);

  const { booking } = await cancelBookedBooking(db, request.bookingId, {
    asOperator: true,
    actor: 'operator-1',
    requestedAt: new Date(),
    ourProviders: ['sandbox'],
  });
  expect(booking).toMatchObject({
    status: 'cancelled',
    refund: { amount: 108_000 },
    slices: [{ segments: [{ status: 'cancelled' }, {}] }, {}],
  });
  expect(await statesOf(trip.flightIds)).toEqual(all({ free: 12, held: 0, sold: 0 }));
});

test('an unpaid itinerary that ends frees the seats of all flights', async () => {
  const request = itineraryRequest(trip.slices);
  await held(request);
  const ending = { reason: 'payment_expired', actor: 'system', requestedAt: new Date() } as const;
  await cancelUnpaidBooking(db, request, ending);
  await cancelUnpaidBooking(db, request, ending);
  expect(await statesOf(trip.flightIds)).toEqual(all({ free: 12, held: 0, sold: 0 }));
});

test('one whose seats could not be claimed at all is on record with its flights', async () => {
  const request = itineraryRequest(trip.slices);
  const ending = {
    reason: 'reservation_failed',
    actor: 'system',
    requestedAt: new Date(),
  } as const;
  const booking = await cancelUnpaidBooking(db, request, ending);
  expect(booking.slices?.flatMap((slice) => slice.segments).map(({ id }) => id)).toEqual(
    trip.flightIds,
  );
  expect(await reserve(db, request, terms())).toMatchObject({ outcome: 'failed' });
});

test('one flight that gives nothing back makes the whole not refundable; its fee is the highest', async () => {
  const [first = '', second = ''] = trip.flightIds;
  await db('flight_cabins').where({ flight_id: first }).update({ cancellation_fee_amount: 9_000 });
  const dear = itineraryRequest(trip.slices);
  await sold(dear);
  await db('flight_cabins').where({ flight_id: second }).update({ refundable: false });
  const saver = itineraryRequest(trip.slices);
  await sold(saver);
  expect(await readSale(db, dear.bookingId)).toMatchObject({
    conditions: { refundable: true, cancellationFee: { amount: 9_000 } },
  });
  expect(await readSale(db, saver.bookingId)).toMatchObject({ conditions: { refundable: false } });
});

test('sales close, and the hold ends, by the first departure', async () => {
  const departsAt = async (minutes: number) => {
    const departureAt = new Date(Date.now() + minutes * 60_000);
    const arrivalAt = new Date(departureAt.getTime() + 5 * 60 * 60_000);
    await db('flights')
      .where({ id: first })
      .update({ departure_at: departureAt, arrival_at: arrivalAt });
    return departureAt;
  };
  const [first = ''] = trip.flightIds;
  const slices = [{ flightIds: [first] }, ...trip.slices.slice(1)];
  const departureAt = await departsAt(65);
  const { paymentRequiredBy } = await held(itineraryRequest(slices));
  expect(Date.parse(paymentRequiredBy ?? '')).toBe(departureAt.getTime() - 60 * 60_000);
  await departsAt(59);
  expect(await reserve(db, itineraryRequest(slices), terms())).toMatchObject({
    code: 'flight_closed',
  });
});

test('a hold that was let go counts on each of its flights, and an open one counts once', async () => {
  const customerId = `customer-of-${trip.flightIds[0] ?? ''}`;
  const limits = terms({ maxUnpaidHoldsPerFlight: 2, maxOpenHoldsPerCustomer: 3 });
  const letGo = async (slices: RoundTrip['slices']) => {
    const request = itineraryRequest(slices, { customerId });
    expect(await reserve(db, request, limits)).toMatchObject({ outcome: 'held' });
    const why = { reason: 'customer_request', actor: customerId, requestedAt: new Date() } as const;
    await cancelUnpaidBooking(db, request, why);
  };
  const [there = { flightIds: [] }, back = { flightIds: [] }] = trip.slices;
  await letGo([there]);
  await letGo([there, back]);
  // Now two of the way there are let go, and one of the way back.
  for (const slices of [trip.slices, [there]])
    expect(await reserve(db, itineraryRequest(slices, { customerId }), limits)).toMatchObject({
      code: 'too_many_holds',
      retryAt: expect.any(String) as string,
    });
  for (const _ of [1, 2, 3])
    expect(await reserve(db, itineraryRequest([back], { customerId }), limits)).toMatchObject({
      outcome: 'held',
    });
  expect(await reserve(db, itineraryRequest([back], { customerId }), limits)).toMatchObject({
    code: 'too_many_holds',
  });
});
