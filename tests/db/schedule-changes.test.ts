import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { readBooking } from '../../src/db/bookings/booking-view';
import {
  cancelBookedBooking,
  type SaleCancellationTerms,
} from '../../src/db/bookings/cancel-booked';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { findFlight } from '../../src/db/flights/flight-view';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { applyScheduleChange, type NewScheduleChange } from '../../src/db/schedule-changes/apply';
import { acceptOffer, makeOffer } from '../../src/db/schedule-changes/offers';
import { listUntold, readScheduleChange } from '../../src/db/schedule-changes/progress-view';
import { localDateOf } from '../../src/domain/local-date';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  adult,
  paymentFor,
  putFlightOnSale,
  requestOf,
  seatsByState,
  type FlightOnSale,
} from '../support/flights';
import {
  itineraryRequest,
  putRoundTripOnSale,
  ROUND_TRIP_PRICE,
  YEAR,
} from '../support/itineraries';
import { breakTheBooks } from './book-faults';
import { eventsOf, hold, sell, settleWithProvider, terms } from './inventory';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

const HOUR_MS = 60 * 60_000;
const NOW = new Date();
const OWNER = { kind: 'customer', id: 'customer-1' } as const;

function orderOf(
  flightId: string,
  change: NewScheduleChange['change'] = { kind: 'cancelled' },
): NewScheduleChange {
  return {
    id: randomUUID(),
    flightId,
    change,
    reason: 'The crew has timed out.',
    requestedBy: 'operator-1',
    fingerprint: 'fingerprint-of-the-change',
  };
}

function movedBy(hours: number, { departureAt }: FlightOnSale): NewScheduleChange['change'] {
  const moved = departureAt.getTime() + hours * HOUR_MS;
  return {
    kind: 'moved',
    departureAt: new Date(moved),
    arrivalAt: new Date(moved + 8 * HOUR_MS),
  };
}

async function apply(order: NewScheduleChange): Promise<NewScheduleChange> {
  await applyScheduleChange(db, order, NOW);
  return order;
}

/** The owner's cancellation, two days after booking: the fare's fee would be due. */
function cancellation(details: Partial<SaleCancellationTerms> = {}): SaleCancellationTerms {
  const requestedAt = new Date(NOW.getTime() + 48 * HOUR_MS);
  return {
    asOperator: false,
    actor: 'customer-1',
    requestedAt,
    ourProviders: ['sandbox'],
    ...details,
  };
}

const NO_LONGER_FIT =
  'The airline has moved a flight meanwhile: these flights can no longer be booked together. Search again.';

async function timesOf(flightId: string): Promise<{ departureAt: Date; arrivalAt: Date }> {
  const flight = await findFlight(db, flightId);
  if (flight === undefined) throw new Error('Bug: the flight is not there');
  return {
    departureAt: new Date(flight.departureAt),
    arrivalAt: new Date(flight.arrivalAt),
  };
}

/** Returns what something comes to, and takes it back. */
async function rolledBack<T>(act: (trx: Db) => Promise<T>): Promise<T> {
  const trx = await db.transaction();
  try {
    return await act(trx);
  } finally {
    await trx.rollback();
  }
}

async function bookingOf({ bookingId }: { bookingId: string }) {
  return (await readBooking(db, bookingId))?.booking;
}

test('a cancelled flight is not sold, and lists exactly the bookings that have a seat on it', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const [{ request: booked }, pending] = [await sell(db, flight), await hold(db, flight)];
  const released = await hold(db, flight);
  const requestedAt = NOW;
  const expired = { reason: 'payment_expired', actor: 'system', requestedAt } as const;
  await cancelUnpaidBooking(db, released, expired);
  const { id } = await apply(orderOf(flight.id));
  expect(await listUntold(db, id, { after: null, limit: 10 })).toEqual(
    [booked.bookingId, pending.bookingId].sort(),
  );
  expect(await readScheduleChange(db, id)).toMatchObject({
    status: 'telling',
    affected: 2,
    settled: 0,
    waiting: 0,
    failed: 0,
  });
  expect((await findFlight(db, flight.id))?.status).toBe('cancelled');
  expect(await reserve(db, requestOf(flight), terms())).toMatchObject({
    outcome: 'refused',
    code: 'flight_closed',
  });
  expect((await bookingOf(booked))?.slices?.[0]?.segments[0]?.status).toBe('cancelled');
});

test('claims that run meanwhile are listed, or refused; none slips through', async () => {
  const flight = await putFlightOnSale(db, { seats: 60 });
  const claims = Array.from({ length: 40 }, () => requestOf(flight));
  const order = orderOf(flight.id);
  const [outcomes] = await Promise.all([
    Promise.all(claims.map((claim) => reserve(db, claim, terms()))),
    apply(order),
  ]);
  const held = claims.filter((_, index) => outcomes[index]?.outcome === 'held');
  for (const outcome of outcomes)
    if (outcome.outcome !== 'held')
      expect(outcome).toMatchObject({ outcome: 'refused', code: 'flight_closed' });
  expect(await listUntold(db, order.id, { after: null, limit: 100 })).toEqual(
    held.map(({ bookingId }) => bookingId).sort(),
  );
});

test('a moved flight is sold at its new times, on the day that it now leaves', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  await apply(orderOf(flight.id, movedBy(30, flight)));
  const moved = new Date(flight.departureAt.getTime() + 30 * HOUR_MS);
  expect(await findFlight(db, flight.id)).toMatchObject({
    status: 'moved',
    departureAt: moved.toISOString(),
  });
  const local = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' }).format(moved);
  const row = await db('flights').where({ id: flight.id }).first('departure_date');
  expect(row?.departure_date).toBe(local);
  const held = await reserve(db, requestOf(flight), terms());
  expect(held).toMatchObject({
    outcome: 'held',
    booking: { flight: { departureAt: moved.toISOString() } },
  });
});

describe('of a flight that is moved after the shop looked at it', () => {
  const refusedFor = (detail: string) => ({ outcome: 'refused', code: 'flight_closed', detail });

  test('no connection is sold that can’t be caught any more, and the key stays refused', async () => {
    const { flightIds, slices } = await putRoundTripOnSale(db);
    const [first = ''] = flightIds;
    const { departureAt, arrivalAt } = await timesOf(first);
    const later = (at: Date) => new Date(at.getTime() + 4 * HOUR_MS);
    await apply(
      orderOf(first, {
        kind: 'moved',
        departureAt: later(departureAt),
        arrivalAt: later(arrivalAt),
      }),
    );
    const request = itineraryRequest(slices);
    const refused = await reserve(db, request, terms());
    expect(refused).toMatchObject(refusedFor(NO_LONGER_FIT));
    for (const flightId of flightIds)
      expect(await seatsByState(db, flightId)).toMatchObject({ held: 0, sold: 0 });
    expect(await bookingOf(request)).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'flight_closed',
    });
    await apply(orderOf(first, { kind: 'moved', departureAt, arrivalAt }));
    expect(await reserve(db, request, terms())).toEqual(refused);
    expect(await reserve(db, itineraryRequest(slices), terms())).toMatchObject({ outcome: 'held' });
  });

  test('no way back is sold that leaves before the way out has arrived', async () => {
    const { flightIds } = await putRoundTripOnSale(db);
    const [out = '', , , back = ''] = flightIds;
    const { departureAt, arrivalAt } = await timesOf(back);
    await db('flights')
      .where({ id: out })
      .update({ departure_at: departureAt, arrival_at: arrivalAt });
    const request = itineraryRequest([{ flightIds: [out] }, { flightIds: [back] }]);
    expect(await reserve(db, request, terms())).toMatchObject(refusedFor(NO_LONGER_FIT));
  });

  test('no infant is sold a flight after their second birthday', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const birthday = localDateOf(new Date(flight.departureAt.getTime() + 48 * HOUR_MS), 'Etc/UTC');
    const bornOn = `${String(Number(birthday.slice(0, 4)) - 2)}${birthday.slice(4)}`;
    const infant = { familyName: 'King', type: 'infant' as const, bornOn };
    const party = () => requestOf(flight, { passengers: [adult(), infant] });
    expect(await reserve(db, party(), terms())).toMatchObject({ outcome: 'held' });
    await apply(orderOf(flight.id, movedBy(96, flight)));
    const request = party();
    const refused = await reserve(db, request, terms());
    expect(refused).toMatchObject(
      refusedFor(
        'The airline has moved a flight meanwhile. Passenger 2: An infant is under 2 on the day of the last flight.',
      ),
    );
    expect(await reserve(db, request, terms())).toEqual(refused);
  });
});

test('the same order again changes nothing, and its ID takes no other order', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  await sell(db, flight);
  const order = await apply(orderOf(flight.id));
  await sell(db, await putFlightOnSale(db, { seats: 6 }));
  await apply(order);
  expect(await readScheduleChange(db, order.id)).toMatchObject({ affected: 1 });
  await expect(apply({ ...order, fingerprint: 'another' })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});

test('nothing is changed of a flight that has departed, is cancelled, or does not exist', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  await apply(orderOf(flight.id));
  await expect(apply(orderOf(flight.id))).rejects.toMatchObject({ code: 'schedule_change_closed' });
  const departed = await putFlightOnSale(db, { seats: 6, departureAt: NOW });
  const later = new Date(NOW.getTime() + HOUR_MS);
  await expect(applyScheduleChange(db, orderOf(departed.id), later)).rejects.toMatchObject({
    code: 'flight_departed',
  });
  await expect(apply(orderOf(randomUUID()))).rejects.toMatchObject({ code: 'flight_not_found' });
});

describe('a booking that is paid for', () => {
  test('is offered a full refund when its flight is cancelled, and gets it by itself', async () => {
    const flight = await putFlightOnSale(db, { seats: 6, refundable: false });
    const { request } = await sell(db, flight);
    const { id } = await apply(orderOf(flight.id));
    const told = await makeOffer(db, request.bookingId, NOW);
    expect(told).toMatchObject({
      kind: 'offered',
      offer: { scheduleChangeId: id, isSignificant: true },
      booking: {
        status: 'booked',
        availableActions: ['cancel'],
        scheduleChange: {
          id,
          kind: 'cancelled',
          availableActions: ['change', 'cancel'],
          actionTaken: null,
          respondBy: new Date(NOW.getTime() + 72 * HOUR_MS).toISOString(),
          before: [{ segments: [{ id: flight.id, status: 'confirmed' }] }],
          after: [{ segments: [{ id: flight.id, status: 'cancelled' }] }],
        },
      },
    });
    expect(await makeOffer(db, request.bookingId, NOW)).toEqual(told);
    expect(await readScheduleChange(db, id)).toMatchObject({ status: 'waiting', waiting: 1 });
    const accepting = acceptOffer(db, request.bookingId, { by: OWNER, at: NOW });
    await expect(accepting).rejects.toMatchObject({ code: 'schedule_change_closed' });

    const automatic = cancellation({ because: 'flight_cancelled', actor: 'system' });
    const { booking } = await cancelBookedBooking(db, request.bookingId, automatic);
    expect(booking).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'flight_cancelled',
      refund: { status: 'pending', amount: 12_000, currency: 'USD' },
      scheduleChange: { actionTaken: 'cancelled', availableActions: [] },
    });
    expect(await eventsOf(db, request.bookingId)).toEqual([
      ...['seats_held', 'payment_started', 'booked', 'schedule_changed', 'cancelled'],
    ]);
    expect(await readScheduleChange(db, id)).toMatchObject({ status: 'completed', settled: 1 });
  });

  test('comes due after those of its flight that were listed before it: a second for each', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const sold = [await sell(db, flight), await sell(db, flight), await sell(db, flight)];
    const { id } = await apply(orderOf(flight.id));
    const listed = await listUntold(db, id, { after: null, limit: 10 });
    expect(listed).toHaveLength(sold.length);
    const lateMs: number[] = [];
    for (const bookingId of listed) {
      const told = await makeOffer(db, bookingId, NOW);
      if (told.kind !== 'offered') throw new Error(`Bug: it is ${told.kind}`);
      const { respondBy, closesAt = '' } = told.offer;
      expect(Date.parse(respondBy)).toBe(NOW.getTime() + 72 * HOUR_MS);
      lateMs.push(Date.parse(closesAt) - Date.parse(respondBy));
    }
    expect(lateMs).toEqual([0, 2_000, 4_000]);
  });

  test('is refunded in full from the moment when its flight is cancelled, before it is told', async () => {
    const flight = await putFlightOnSale(db, { seats: 6, refundable: false });
    const { request } = await sell(db, flight);
    const { id } = await apply(orderOf(flight.id));
    const { booking } = await cancelBookedBooking(db, request.bookingId, cancellation());
    expect(booking).toMatchObject({
      cancellationReason: 'customer_request',
      refund: { amount: 12_000 },
    });
    expect(await makeOffer(db, request.bookingId, NOW)).toMatchObject({ kind: 'settled' });
    expect(await readScheduleChange(db, id)).toMatchObject({ status: 'completed', settled: 1 });
  });

  test('is refunded in full when its flight has left, hours early, before it was told', async () => {
    const flight = await putFlightOnSale(db, { seats: 6, refundable: false });
    const [told, alone] = [await sell(db, flight), await sell(db, flight)];
    const change = movedBy(-5, flight);
    await apply(orderOf(flight.id, change));
    const left = new Date(flight.departureAt.getTime() - 5 * HOUR_MS);
    for (const late of [1, 6 * 60].map((minutes) => new Date(left.getTime() + minutes * 60_000))) {
      const { bookingId } = (late.getTime() < flight.departureAt.getTime() ? told : alone).request;
      const { booking } = await rolledBack(async (trx) => {
        await makeOffer(trx, bookingId, late);
        return cancelBookedBooking(trx, bookingId, {
          ...cancellation({ because: 'flight_cancelled', actor: 'system' }),
          requestedAt: late,
        });
      });
      expect(booking.refund).toMatchObject({ amount: 12_000 });
    }
    const soon = new Date(left.getTime() + 60_000);
    const byThemselves = await rolledBack((trx) =>
      cancelBookedBooking(trx, alone.request.bookingId, cancellation({ requestedAt: soon })),
    );
    expect(byThemselves.booking.refund).toMatchObject({ amount: 12_000 });
    await makeOffer(db, told.request.bookingId, NOW);
    const { booking } = await cancelBookedBooking(
      db,
      told.request.bookingId,
      cancellation({ requestedAt: soon }),
    );
    expect(booking.refund).toBeNull();
  });

  test('follows its fare when a flight is moved a little', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const { request } = await sell(db, flight);
    await apply(orderOf(flight.id, movedBy(2, flight)));
    expect(await makeOffer(db, request.bookingId, NOW)).toMatchObject({
      kind: 'offered',
      offer: { isSignificant: false },
      booking: { scheduleChange: { availableActions: ['accept', 'cancel'] } },
    });
    const { booking } = await cancelBookedBooking(db, request.bookingId, cancellation());
    expect(booking.refund).toMatchObject({ amount: 7_000 });
  });

  test('accepts new times once, until they are due, and keeps its seats', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const { request } = await sell(db, flight);
    const { bookingId } = request;
    const none = acceptOffer(db, bookingId, { by: OWNER, at: NOW });
    await expect(none).rejects.toMatchObject({ code: 'schedule_change_not_found' });
    await apply(orderOf(flight.id, movedBy(5, flight)));
    await makeOffer(db, bookingId, NOW);
    const due = new Date(NOW.getTime() + 72 * HOUR_MS);
    const late = acceptOffer(db, bookingId, { by: OWNER, at: due });
    await expect(late).rejects.toMatchObject({ code: 'schedule_change_closed' });
    const accepted = await acceptOffer(db, bookingId, { by: OWNER, at: NOW });
    expect(accepted).toMatchObject({
      status: 'booked',
      scheduleChange: { actionTaken: 'accepted', availableActions: [] },
    });
    expect(await acceptOffer(db, bookingId, { by: OWNER, at: NOW })).toEqual(accepted);
    expect((await eventsOf(db, bookingId)).slice(-1)).toEqual(['schedule_change_accepted']);
    const { booking } = await cancelBookedBooking(db, bookingId, cancellation());
    expect(booking.refund).toMatchObject({ amount: 7_000 });
  });

  test('small moves that nobody accepted add up to a full refund', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const { bookingId } = (await sell(db, flight)).request;
    await apply(orderOf(flight.id, movedBy(2, flight)));
    await makeOffer(db, bookingId, NOW);
    await acceptOffer(db, bookingId, { by: null, at: NOW });
    const { id } = await apply(orderOf(flight.id, movedBy(4, flight)));
    expect(await makeOffer(db, bookingId, NOW)).toMatchObject({
      offer: { scheduleChangeId: id, isSignificant: true },
      booking: {
        scheduleChange: { before: [{ departureAt: flight.departureAt.toISOString() }] },
      },
    });
  });

  test('small moves that a person accepted do not', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const { bookingId } = (await sell(db, flight)).request;
    await apply(orderOf(flight.id, movedBy(2, flight)));
    await makeOffer(db, bookingId, NOW);
    await acceptOffer(db, bookingId, { by: OWNER, at: NOW });
    await apply(orderOf(flight.id, movedBy(4, flight)));
    expect(await makeOffer(db, bookingId, NOW)).toMatchObject({ offer: { isSignificant: false } });
  });

  test('has one offer at a time: the latest schedule change, with all of them in it', async () => {
    const flight = await putFlightOnSale(db, { seats: 6 });
    const { bookingId } = (await sell(db, flight)).request;
    const first = await apply(orderOf(flight.id, movedBy(2, flight)));
    await makeOffer(db, bookingId, NOW);
    const second = await apply(orderOf(flight.id, movedBy(1, flight)));
    const third = await apply(orderOf(flight.id));
    expect(await makeOffer(db, bookingId, NOW)).toMatchObject({
      offer: { scheduleChangeId: third.id, isSignificant: true },
    });
    for (const { id } of [first, second])
      expect(await readScheduleChange(db, id)).toMatchObject({ status: 'completed', settled: 1 });
  });
});

test('nothing is cancelled for a move that another has undone meanwhile', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const { bookingId } = (await sell(db, flight)).request;
  await apply(orderOf(flight.id, movedBy(10, flight)));
  await makeOffer(db, bookingId, NOW);
  await apply(orderOf(flight.id, movedBy(0, flight)));
  await expect(
    cancelBookedBooking(db, bookingId, cancellation({ because: 'flight_cancelled' })),
  ).rejects.toThrow('does so no more');
  expect((await readBooking(db, bookingId))?.booking).toMatchObject({
    status: 'booked',
    refund: null,
  });
});

test('a schedule change that commits after a later one is in the offer, too', async () => {
  const { request, flightIds } = await sellTrip();
  const { bookingId } = request;
  const first = await apply(orderOf(flightIds[3] ?? ''));
  const departing = await db('flights')
    .where({ id: flightIds[0] ?? '' })
    .first();
  const departureAt = departing?.departure_at ?? NOW;
  const second = await apply(orderOf(flightIds[0] ?? '', movedBy(-1, { id: '', departureAt })));
  await makeOffer(db, bookingId, NOW);
  // As if the first one had been committed only now.
  await breakTheBooks(db, async (trx) => {
    const ofBooking = trx('booking_schedule_changes').where({ booking_id: bookingId });
    await ofBooking
      .clone()
      .where({ schedule_change_id: first.id })
      .update({ state: 'pending', outcome: null, decided_by: null, settled_at: null });
    await ofBooking
      .clone()
      .where({ schedule_change_id: second.id })
      .update({ significant: false, after: trx.ref('before') });
  });
  const segments = [{ status: 'confirmed' }, { status: 'cancelled' }];
  expect(await makeOffer(db, bookingId, NOW)).toMatchObject({
    offer: { isSignificant: true },
    booking: { scheduleChange: { after: [{}, { segments }] } },
  });
  expect(await readScheduleChange(db, first.id)).toMatchObject({ status: 'completed' });
});

/** A round trip that is sold. */
async function sellTrip() {
  const { slices, flightIds } = await putRoundTripOnSale(db);
  const request = itineraryRequest(slices);
  expect(await reserve(db, request, terms())).toMatchObject({ outcome: 'held' });
  const payment = paymentFor(request, ROUND_TRIP_PRICE);
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment);
  return { request, flightIds };
}

test('one that is not paid for is to end', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const { bookingId } = await hold(db, flight);
  await apply(orderOf(flight.id));
  expect(await makeOffer(db, bookingId, NOW)).toEqual({ kind: 'unpaid' });
});

test('one that its customer lets go before it is told is dealt with', async () => {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const request = await hold(db, flight);
  const { id } = await apply(orderOf(flight.id));
  const why = { reason: 'customer_request', actor: request.customerId, requestedAt: NOW } as const;
  await cancelUnpaidBooking(db, request, why);
  expect(await readScheduleChange(db, id)).toMatchObject({ status: 'completed', settled: 1 });
});

test('of an itinerary, a missed connection refunds all, and under way the rest', async () => {
  const { request, flightIds } = await sellTrip();
  const [first = '', second = ''] = flightIds;
  const arrival = await db('flights').where({ id: first }).first('arrival_at');
  const departureAt = new Date((arrival?.arrival_at.getTime() ?? 0) + 30 * 60_000);
  const arrivalAt = new Date(departureAt.getTime() + 10 * HOUR_MS);
  await apply(orderOf(second, { kind: 'moved', departureAt, arrivalAt }));
  const told = await makeOffer(db, request.bookingId, NOW);
  expect(told).toMatchObject({ kind: 'offered', offer: { isSignificant: true } });

  await apply(orderOf(flightIds[3] ?? ''));
  const wayHome = new Date(`${YEAR}-03-05T00:00:00.000Z`);
  const { booking } = await cancelBookedBooking(
    db,
    request.bookingId,
    cancellation({ requestedAt: wayHome }),
  );
  expect(booking).toMatchObject({ status: 'cancelled', refund: { amount: 14_000 + 15_000 } });
});

test('the books agree with all of it', async () => {
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
});
