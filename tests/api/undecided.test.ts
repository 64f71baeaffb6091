import { openStorefront, type RunningApi, type Storefront } from '../support/api';
import { adult } from '../support/flights';
import { putRoundTripOnSale, YEAR } from '../support/itineraries';
import { STARTING_MS } from '../support/shop';
import { expectRefused, expectReplay, newKey, type Client } from './client';
import type { Answer } from './contract';

/**
 * What a customer is told when nobody knows yet what became of their request: that, and where to
 * look.
 */

const QUEUE = 'undecided';

let store: Storefront;
let api: RunningApi;
let ada: Client;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  store = await openStorefront();
  api = await store.startApi({ taskQueue: QUEUE });
  stopWorker = await store.startWorker(QUEUE);
  ada = await api.customer();
}, STARTING_MS);

afterAll(() => store.close());

/** Runs `work` while no worker answers. */
async function whileNobodyWorks<T>(work: () => Promise<T>): Promise<T> {
  await stopWorker();
  try {
    return await work();
  } finally {
    stopWorker = await store.startWorker(QUEUE);
  }
}

function expectUndecided(answer: Answer, bookingId: string): void {
  expect(answer.status).toBe(503);
  const problem = expectRefused(answer, 'service_unavailable');
  expect(problem).toMatchObject({ bookingId, retry: 'same_key' });
  expect(problem.detail).toMatch(/^It is not known yet whether .* to learn\.$/);
}

const held = async () => (await ada.create(await store.flight())).body;

test('a payment that no worker has answered may be made yet: the same key learns that it was, once', async () => {
  const booking = await held();
  const key = newKey();
  await whileNobodyWorks(async () => {
    const startedAt = performance.now();
    expectUndecided(await ada.pay(booking, {}, key), booking.id);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
  const again = await ada.pay(booking, {}, key);
  expect(again).toMatchObject({ status: 201, body: { status: 'captured' } });
  const { body } = await ada.read(booking.id);
  expect(body).toMatchObject({ status: 'booked', payment: { id: again.body.id } });
  expect(await store.db('payments').where({ booking_id: booking.id })).toHaveLength(1);
});

test('a cancellation that no worker has answered may be made yet: the same request learns that it was', async () => {
  const [unpaid, paid] = [await held(), await held()];
  expect((await ada.pay(paid)).status).toBe(201);
  await whileNobodyWorks(async () => {
    const answers = await Promise.all([unpaid, paid].map((booking) => ada.cancel(booking)));
    for (const [index, booking] of [unpaid, paid].entries())
      expectUndecided(answers[index] as Answer, booking.id);
  });
  for (const booking of [unpaid, paid])
    expect(await ada.cancel(booking)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
});

test('a booking whose workflow was terminated before anyone answered is begun anew under its key', async () => {
  const flight = await store.flight();
  const key = newKey();
  const nobody = await store.startApi({ taskQueue: 'nobody-works-here' });
  const bea = await nobody.customer();
  const accepted = await bea.create(flight, {}, key);
  expect(accepted).toMatchObject({ status: 202, body: { status: 'initiated' } });
  await store.env.client.workflow.getHandle(accepted.body.workflowId).terminate('by a test');
  expect(await bea.create(flight, {}, key)).toMatchObject({
    status: 202,
    body: { id: accepted.body.id, status: 'initiated' },
  });
});

test('a retry is not refused for what has changed since: its first try may get the seats yet', async () => {
  const flight = await store.flight();
  const key = newKey();
  const nobody = await store.startApi({ taskQueue: 'nobody-works-here' });
  const bea = await nobody.customer();
  const first = await bea.create(flight, {}, key);
  expect(first).toMatchObject({ status: 202, body: { status: 'initiated' } });
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  const soon = { departure_at: inMinutes(30), arrival_at: inMinutes(150) };
  await store.db('flights').where({ id: flight.id }).update(soon);
  expectRefused(await bea.create(flight, {}, newKey()), 'flight_closed');
  const retry = await bea.create(flight, {}, key);
  expect(retry).toMatchObject({ status: 202, body: { id: first.body.id } });
});

test('a retry whose flights were moved since hears what became of its first try, too', async () => {
  const [toConnect, toAge] = [
    await putRoundTripOnSale(store.db),
    await putRoundTripOnSale(store.db),
  ];
  const [first = ''] = toConnect.flightIds;
  const last = toAge.flightIds.at(-1) ?? '';
  const infant = { familyName: 'King', type: 'infant', bornOn: `${String(YEAR - 2)}-03-11` };
  const create = (details: object, key: string) =>
    ada.create({ id: '' }, { flightId: undefined, ...details }, key);
  const cases = [
    {
      details: { slices: toConnect.slices },
      moved: { flightId: first, hours: 4 },
      why: 'these flights can no longer be booked together',
    },
    {
      details: { slices: [{ flightIds: [last] }], passengers: [adult(), infant] },
      moved: { flightId: last, hours: 96 },
      why: 'Passenger 2: An infant is under 2 on the day of the last flight.',
    },
  ].map((one) => ({ ...one, key: newKey() }));
  await whileNobodyWorks(async () => {
    const inTurn = cases.map(async ({ details, moved, key }) => {
      const accepted = await create(details, key);
      expect(accepted).toMatchObject({ status: 202, body: { status: 'initiated' } });
      await move(moved);
      expectRefused(await create(details, newKey()), 'validation_failed');
      const retry = await create(details, key);
      expect(retry).toMatchObject({ status: 202, body: { id: accepted.body.id } });
    });
    await Promise.all(inTurn);
  });
  for (const { details, key, why } of cases) {
    const decided = await create(details, key);
    expect(expectRefused(decided, 'flight_closed').detail).toContain(why);
    expectReplay(await create(details, key), decided);
  }
});

async function move({ flightId, hours }: { flightId: string; hours: number }): Promise<void> {
  const times = await store.db('flights').where({ id: flightId }).first();
  if (times === undefined) throw new Error('Bug: the flight is not there');
  const later = (at: Date) => new Date(at.getTime() + hours * 60 * 60_000);
  const { departure_at, arrival_at } = times;
  await store
    .db('flights')
    .where({ id: flightId })
    .update({ departure_at: later(departure_at), arrival_at: later(arrival_at) });
}

test('an order of a schedule change is not refused for what has changed since: it may be carried out yet', async () => {
  const flight = await store.flight();
  const operator = await api.operator();
  const order = (key: string, reason = 'The crew has timed out.') =>
    operator.post<{ id: string }>(
      `/api/v1/flights/${flight.id}/schedule-changes`,
      { kind: 'cancelled', reason },
      { 'x-idempotency-key': key },
    );
  const key = newKey();
  await whileNobodyWorks(async () => {
    const accepted = await order(key);
    expect(accepted).toMatchObject({ status: 202, body: { status: 'applying' } });
    expectRefused(await order(key, 'There is fog.'), 'idempotency_key_reused');
    await store.db('flights').where({ id: flight.id }).update({ status: 'cancelled' });
    expectRefused(await order(newKey()), 'schedule_change_closed');
    expect(await order(key)).toMatchObject({ status: 202, body: { id: accepted.body.id } });
  });
});

describe('a refusal of what exists', () => {
  test('names its booking, and so does its replay', async () => {
    const booking = await held();
    const key = newKey();
    const declined = () => ada.pay(booking, { paymentMethod: 'pm_card_visa_chargeDeclined' }, key);
    const first = await declined();
    expect(expectRefused(first, 'payment_declined').bookingId).toBe(booking.id);
    expectReplay(await declined(), first);
    const wrong = await ada.pay(booking, { amount: 1 });
    expect(expectRefused(wrong, 'amount_mismatch').bookingId).toBe(booking.id);
  });

  test('names the booking of the key, where that came with another request before', async () => {
    const flight = await store.flight();
    const key = newKey();
    const { body: booking } = await ada.create(flight, {}, key);
    const other = await ada.create(flight, { cabin: 'business' }, key);
    expect(expectRefused(other, 'idempotency_key_reused').bookingId).toBe(booking.id);
  });

  test('names nothing of somebody else’s', async () => {
    const booking = await held();
    const stranger = await api.customer();
    for (const answer of [
      await stranger.pay(booking),
      await stranger.cancel(booking),
      await stranger.read(booking.id),
    ])
      expect(expectRefused(answer, 'booking_not_found')).not.toHaveProperty('bookingId');
  });
});
