import { randomUUID } from 'node:crypto';
import { fingerprintOf, idOfKey } from '../../src/api/idempotency';
import { applyScheduleChange } from '../../src/db/schedule-changes/apply';
import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { ADULT_PRICE, type FlightOnSale } from '../support/flights';
import { letIdle } from '../support/rival';
import { STARTING_MS, untilSeen } from '../support/shop';
import { expectInvalid, expectRefused, newKey, type Client } from './client';

/** Operators cancel and move flights; customers read what that means, and respond. */

let store: Storefront;
let operator: Client;

beforeAll(async () => {
  store = await openStorefront();
  operator = await store.operator();
}, STARTING_MS);

afterEach(async () => {
  expect(await auditBooks(store.db)).toEqual([]);
});

afterAll(() => store.close());

const HOUR_MS = 60 * 60_000;
const CANCELLED = { kind: 'cancelled', reason: 'Fog.' };

function moved({ departureAt }: FlightOnSale, hours: number) {
  const at = (more: number) => new Date(departureAt.getTime() + more * HOUR_MS).toISOString();
  return { kind: 'moved', departureAt: at(hours), arrivalAt: at(hours + 8), reason: 'Late crew.' };
}

const order = (flight: { id: string }, body: unknown, key = newKey(), by = operator) =>
  by.post<ScheduleChange>(`/api/v1/flights/${flight.id}/schedule-changes`, body, {
    'x-idempotency-key': key,
  });

const progressOf = ({ id }: ScheduleChange, by = operator) =>
  by.get<ScheduleChange>(`/api/v1/schedule-changes/${id}`);

const accept = (by: Client, { id }: { id: string }, body?: unknown) =>
  by.post<Booking>(`/api/v1/bookings/${id}/schedule-change/accept`, body);

/** A booking that was paid for by card. */
async function sell(flight: FlightOnSale): Promise<{ ada: Client; booking: Booking }> {
  const ada = await store.customer();
  const { body: held } = await ada.create(flight);
  expect(await ada.pay(held)).toMatchObject({ status: 201 });
  return { ada, booking: held };
}

/** The booking, once its owner has been offered something that is open. */
const offered = (ada: Client, { id }: Booking) =>
  untilSeen(async () => {
    const { body } = await ada.read(id);
    return body.scheduleChange?.actionTaken === null ? body : undefined;
  });

test('a cancelled flight: it is not sold, its bookings have an offer, and cancelling refunds all', async () => {
  const flight = await store.flight({ refundable: false });
  const { ada, booking } = await sell(flight);
  const bob = await store.customer();
  const { body: held } = await bob.create(flight);

  const ordered = await order(flight, CANCELLED);
  expect(ordered).toMatchObject({ status: 202, body: { kind: 'cancelled', affected: 2 } });
  const change = ordered.body;
  expect(ordered.headers.get('location')).toBe(`/api/v1/schedule-changes/${change.id}`);
  expectRefused(await ada.create(flight), 'flight_closed');
  expect((await store.anyone.get(`/api/v1/flights/${flight.id}`)).body).toMatchObject({
    status: 'cancelled',
  });

  expect(await offered(ada, booking)).toMatchObject({
    status: 'booked',
    scheduleChange: { id: change.id, kind: 'cancelled', availableActions: ['change', 'cancel'] },
    slices: [{ segments: [{ status: 'cancelled' }] }],
  });
  const told = await untilSeen(async () => {
    const { body } = await progressOf(change);
    return body.status === 'telling' ? undefined : body;
  });
  expect(told).toMatchObject({
    status: 'waiting',
    affected: 2,
    settled: 1,
    waiting: 1,
    failed: 0,
  });
  expect((await bob.read(held.id)).body).toMatchObject({ cancellationReason: 'flight_cancelled' });

  expectRefused(await accept(ada, booking), 'schedule_change_closed');
  expect((await ada.quote(booking)).body.refund).toEqual(ADULT_PRICE);
  expect(await ada.cancel(booking)).toMatchObject({
    status: 200,
    body: { refund: ADULT_PRICE, scheduleChange: { actionTaken: 'cancelled' } },
  });
  expect((await progressOf(change)).body).toMatchObject({ status: 'completed', settled: 2 });
});

test('a moved flight: its owner accepts the new times, once and for all', async () => {
  const flight = await store.flight();
  const { ada, booking } = await sell(flight);
  expectRefused(await accept(ada, booking), 'schedule_change_not_found');
  const times = moved(flight, 5);
  const { body: change } = await order(flight, times);
  expect(await offered(ada, booking)).toMatchObject({
    scheduleChange: {
      id: change.id,
      kind: 'moved',
      availableActions: ['accept', 'change', 'cancel'],
      before: [{ departureAt: flight.departureAt.toISOString() }],
      after: [{ departureAt: times.departureAt, arrivalAt: times.arrivalAt }],
    },
    flight: { departureAt: times.departureAt },
  });
  expectRefused(await accept(await store.customer(), booking), 'booking_not_found');
  expectInvalid(await accept(ada, booking, { unknown: true }), '/unknown');
  const accepted = await accept(ada, booking, {});
  expect(accepted).toMatchObject({
    status: 200,
    body: { status: 'booked', scheduleChange: { actionTaken: 'accepted', availableActions: [] } },
  });
  expect((await accept(ada, booking)).body).toEqual(accepted.body);
  const events = (await ada.events(booking)).body.data.map(({ type }) => type);
  expect(events.slice(-2)).toEqual(['schedule_changed', 'schedule_change_accepted']);
});

test('a flight that is moved twice: its owner accepts the times that they have seen', async () => {
  const flight = await store.flight();
  const { ada, booking } = await sell(flight);
  const { body: first } = await order(flight, moved(flight, 5));
  await offered(ada, booking);
  const { body: second } = await order(flight, moved(flight, 9));
  const offer = await untilSeen(async () => {
    const { body } = await ada.read(booking.id);
    return body.scheduleChange?.id === second.id ? body : undefined;
  });
  expectInvalid(await accept(ada, booking, { scheduleChangeId: 'first' }), '/scheduleChangeId');
  const refused = await accept(ada, booking, { scheduleChangeId: first.id });
  expect(expectRefused(refused, 'schedule_change_closed').detail).toMatch(/read the booking again/);
  expect((await ada.read(booking.id)).body).toEqual(offer);
  const accepted = await accept(ada, booking, { scheduleChangeId: second.id.toUpperCase() });
  expect(accepted).toMatchObject({
    status: 200,
    body: { scheduleChange: { id: second.id, actionTaken: 'accepted' } },
  });
  expectRefused(
    await accept(ada, booking, { scheduleChangeId: first.id }),
    'schedule_change_closed',
  );
});

test('one key has one effect: the same order again reads how far it is, another one is refused', async () => {
  const flight = await store.flight();
  const key = newKey();
  const first = await order(flight, CANCELLED, key);
  const again = await order(flight, CANCELLED, key);
  expect(again).toMatchObject({ status: 202, body: { id: first.body.id } });
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expectRefused(await order(flight, moved(flight, 1), key), 'idempotency_key_reused');
  expectRefused(await order(flight, CANCELLED), 'schedule_change_closed');
});

test('an order that is sent again in the moment in which the first one is carried out is no other one', async () => {
  const flight = await store.flight();
  const key = newKey();
  const first = {
    id: idOfKey('operator-1', 'schedule-changes', key),
    flightId: flight.id,
    change: { kind: 'cancelled' as const },
    reason: CANCELLED.reason,
    requestedBy: 'operator-1',
    fingerprint: fingerprintOf({ flightId: flight.id, ...CANCELLED }),
  };
  const again = await store.db.transaction(async (trx) => {
    await letIdle(trx);
    await trx.raw('LOCK TABLE flights IN ACCESS EXCLUSIVE MODE');
    const sent = order(flight, CANCELLED, key);
    await untilSeen(async () => {
      const { rows } = await store.db.raw<{ rows: unknown[] }>(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'flights'::regclass`,
      );
      return rows[0];
    });
    await applyScheduleChange(trx, first, new Date());
    return { sent };
  });
  expect(await again.sent).toMatchObject({ status: 202, body: { id: first.id } });
});

describe('what is wrong has its problem, and changes nothing:', () => {
  test('a key is needed, and so is an operator', async () => {
    const flight = await store.flight();
    const path = `/api/v1/flights/${flight.id}/schedule-changes`;
    expectRefused(await operator.post(path, CANCELLED), 'idempotency_key_required');
    const customer = await store.customer();
    expectRefused(await order(flight, CANCELLED, newKey(), customer), 'forbidden');
    expectRefused(await order(flight, CANCELLED, newKey(), store.anyone), 'unauthenticated');
    const { body: change } = await order(flight, CANCELLED);
    expectRefused(await progressOf(change, customer), 'forbidden');
    expectRefused(await customer.get(`/api/v1/flights/${flight.id}/passengers`), 'forbidden');
  });

  test('no such flight, no such schedule change', async () => {
    for (const id of [randomUUID(), 'no-id']) {
      expectRefused(await order({ id }, CANCELLED), 'flight_not_found');
      expectRefused(await operator.get(`/api/v1/flights/${id}/passengers`), 'flight_not_found');
      const change = await operator.get(`/api/v1/schedule-changes/${id}`);
      expectRefused(change, 'schedule_change_not_found');
    }
  });

  test('a departed flight', async () => {
    const flight = await store.flight();
    await store.reschedule(flight, -1);
    expectRefused(await order(flight, CANCELLED), 'flight_departed');
    expectRefused(await order(flight, moved(flight, 1)), 'flight_departed');
  });

  test('times in the past, beyond a week, the wrong way round, or as they are', async () => {
    const flight = await store.flight();
    expectInvalid(await order(flight, moved(flight, -31 * 24)), '/departureAt');
    expectInvalid(await order(flight, moved(flight, 8 * 24)), '/departureAt');
    expectInvalid(await order(flight, moved(flight, 0)), '/departureAt');
    const times = moved(flight, 2);
    const arrivalAt = times.departureAt;
    expectInvalid(await order(flight, { ...times, arrivalAt }), '/arrivalAt');
    expect((await store.anyone.get(`/api/v1/flights/${flight.id}`)).body).toMatchObject({
      status: 'scheduled',
      departureAt: flight.departureAt.toISOString(),
    });
  });

  test('fields that are missing, unknown or of another kind', async () => {
    const flight = await store.flight();
    expectInvalid(await order(flight, { kind: 'cancelled' }), '/reason');
    expectInvalid(await order(flight, { kind: 'delayed', reason: 'Fog.' }), '/kind');
    expectInvalid(await order(flight, { ...CANCELLED, departureAt: 'now' }), '/departureAt');
    expectInvalid(
      await order(flight, { kind: 'moved', reason: 'Fog.' }),
      ...['/departureAt', '/arrivalAt'],
    );
  });
});

test('the passenger list names who is booked, by seat', async () => {
  const flight = await store.flight();
  const ada = await store.customer();
  const party = [
    { givenName: 'Ada', familyName: 'Lovelace', seatNumber: '1C' },
    { familyName: 'Suharto', seatNumber: '1A' },
    { givenName: 'Baby', familyName: 'Lovelace', type: 'infant' },
  ];
  const { body: held } = await ada.create(flight, { passengers: party });
  await ada.create(flight);
  await ada.pay(held);
  const list = await operator.get(`/api/v1/flights/${flight.id}/passengers`);
  expect(list).toMatchObject({
    status: 200,
    body: {
      flightId: flight.id,
      passengers: [
        { seatNumber: '1A', givenName: null, familyName: 'Suharto', bookingId: held.id },
        { seatNumber: '1C', givenName: 'Ada', type: 'adult', reference: held.reference },
        { seatNumber: null, givenName: 'Baby', type: 'infant' },
      ],
    },
  });
});
