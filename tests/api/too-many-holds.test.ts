import { randomUUID } from 'node:crypto';
import { audit } from '../../src/activities/audit';
import { idOfKey } from '../../src/api/idempotency';
import { bookingWorkflowId } from '../../src/temporal/contracts/booking';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { openStorefront, type Storefront } from '../support/api';
import { requestOf, seatsByState, type FlightOnSale } from '../support/flights';
import { STARTING_MS } from '../support/shop';
import { expectRefused, expectReplay, newKey, type Client } from './client';

/** A customer at a limit is told to wait; whoever has waited gets their seats with the same key. */

let store: Storefront;
let id: string;
let ada: Client;
let flight: FlightOnSale;

beforeAll(async () => {
  store = await openStorefront({ maxOpenHoldsPerCustomer: 2 });
}, STARTING_MS);

afterAll(() => store.close());

beforeEach(async () => {
  id = `customer-${randomUUID()}`;
  ada = await store.customer(id);
  flight = await store.flight({ seats: 30 });
});

/** Holds as many seats as the customer may; returns how to let one go. */
async function holdAllAllowed(): Promise<() => Promise<void>> {
  const { body: first } = await ada.create(flight);
  expect((await ada.create(flight)).status).toBe(201);
  return async () => {
    expect((await ada.cancel(first)).status).toBe(200);
  };
}

const workflowOf = (key: string) =>
  store.env.client.workflow.getHandle(bookingWorkflowId(idOfKey(id, 'bookings', key)));

test('once a hold has gone, the same key and body get seats, once, however often they ask', async () => {
  const letOneGo = await holdAllAllowed();
  const key = newKey();
  for (let time = 0; time < 3; time += 1)
    expectRefused(await ada.create(flight, {}, key), 'too_many_holds');
  await letOneGo();
  const created = await ada.create(flight, {}, key);
  expect(created.status).toBe(201);
  expectReplay(await ada.create(flight, {}, key), created);
  expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 2 });
});

test('the customer is told to wait for as long as their earliest hold can last', async () => {
  await holdAllAllowed();
  const { headers } = await ada.create(flight, {}, newKey());
  const seconds = Number(headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(880);
  expect(seconds).toBeLessThanOrEqual(900);
});

test('a refusal for now leaves nothing behind: no booking to read, and nothing for the audit', async () => {
  await holdAllAllowed();
  const key = newKey();
  expectRefused(await ada.create(flight, {}, key), 'too_many_holds');
  const bookingId = idOfKey(id, 'bookings', key);
  expectRefused(await ada.read(bookingId), 'booking_not_found');
  expect((await ada.list()).body.data).toHaveLength(2);
  expect(await store.db('bookings').where({ id: bookingId })).toEqual([]);
  expect(await store.db('idempotency_outcomes').where({ caller_id: id, key })).toEqual([]);
  expect(await audit(store.db, createWorkflowLookup(store.env.client))).toEqual([]);
});

test('requests that come at once with one key share their answer, refused or not', async () => {
  const letOneGo = await holdAllAllowed();
  const key = newKey();
  const crowd = () => Promise.all(Array.from({ length: 30 }, () => ada.create(flight, {}, key)));
  for (const answer of await crowd()) expectRefused(answer, 'too_many_holds');
  await letOneGo();
  const answers = await crowd();
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(201));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 2 });
});

test('another body may come under a key that was told to wait', async () => {
  const letOneGo = await holdAllAllowed();
  const key = newKey();
  expectRefused(await ada.create(flight, {}, key), 'too_many_holds');
  await letOneGo();
  const other = { contact: { email: 'ada@example.com' } };
  expect((await ada.create(flight, other, key)).status).toBe(201);
  expectRefused(await ada.create(flight, {}, key), 'idempotency_key_reused');
});

test('a run that nobody waited for and that was told to wait binds nothing either', async () => {
  const letOneGo = await holdAllAllowed();
  const key = newKey();
  const bookingId = idOfKey(id, 'bookings', key);
  const request = requestOf(flight, { bookingId, customerId: id, idempotencyKey: key });
  const run = await store.start(request);
  await expect(run.outcome()).rejects.toMatchObject({ cause: { type: 'too_many_holds' } });
  await letOneGo();
  expect((await ada.create(flight, {}, key)).status).toBe(201);
});

test('a cancellation of what is refused for now finds no booking', async () => {
  await holdAllAllowed();
  const key = newKey();
  const bookingId = idOfKey(id, 'bookings', key);
  const { creating, cancelling } = await store.whileClaimsWait(id, async () => {
    const created = ada.create(flight, {}, key);
    await store.untilSomeoneWaits();
    return { creating: created, cancelling: ada.cancel({ id: bookingId }) };
  });
  expectRefused(await creating, 'too_many_holds');
  expectRefused(await cancelling, 'booking_not_found');
});

describe('a workflow that an operator terminated is no reason to sell twice', () => {
  test('seats that it held are the same key’s', async () => {
    const key = newKey();
    const created = await ada.create(flight, {}, key);
    await workflowOf(key).terminate();
    expectReplay(await ada.create(flight, {}, key), created);
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 1 });
  });

  test('seats that it was about to hold are held once', async () => {
    const key = newKey();
    const { creating } = await store.whileClaimsWait(id, async () => {
      const first = ada.create(flight, {}, key);
      await store.untilSomeoneWaits();
      await workflowOf(key).terminate();
      return { creating: first };
    });
    await creating;
    expect((await ada.create(flight, {}, key)).status).toBe(201);
    expect(await seatsByState(store.db, flight.id)).toMatchObject({ held: 1 });
  });
});

describe('a 429 that an earlier version stored as the answer of a key', () => {
  /** What that version wrote: a cancelled booking, and the outcome. */
  async function storeRefusal(key: string): Promise<void> {
    const { body: model } = await ada.create(flight);
    const bookingId = idOfKey(id, 'bookings', key);
    const [row] = await store.db('bookings').where({ id: model.id });
    if (row === undefined) throw new Error('Bug: the model is not there');
    await ada.cancel(model);
    await store.db.transaction(async (trx) => {
      await trx('bookings').insert({
        ...row,
        id: bookingId,
        reference: 'ABCDEF',
        status: 'cancelled',
        cancellation_reason: 'too_many_holds',
        payment_required_by: null,
      });
      await trx('passengers').insert({
        booking_id: bookingId,
        position: 0,
        given_name: 'Ada',
        family_name: 'Lovelace',
        type: 'adult',
      });
      await trx('idempotency_outcomes').insert({
        caller_id: id,
        route: 'bookings',
        key,
        fingerprint: 'of-then',
        status_code: 429,
        body: JSON.stringify({ code: 'too_many_holds', detail: 'As it was said then.' }),
      });
    });
  }

  test('binds nothing: the key gets seats, and keeps that answer', async () => {
    const key = newKey();
    await storeRefusal(key);
    const created = await ada.create(flight, {}, key);
    expect(created.status).toBe(201);
    expectReplay(await ada.create(flight, {}, key), created);
    expect((await ada.read(created.body.id)).body.status).toBe('pending');
  });
});
