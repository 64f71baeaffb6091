import { MAX_DECLINES } from '../../src/domain/payment';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS } from '../support/shop';
import { expectRefused, type Client } from './client';

/** What a booking offers its owner is what works. */

let store: Storefront;
let ada: Client;

beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);
afterAll(() => store.close());
beforeEach(async () => {
  ada = await store.customer();
});

const DECLINED = { paymentMethod: 'pm_card_chargeDeclined' };

test('after ten declines paying is not offered, and is refused for good; cancelling works', async () => {
  const { body: booking } = await ada.create(await store.flight());
  for (let decline = 0; decline < MAX_DECLINES; decline += 1) {
    expect((await ada.read(booking.id)).body.availableActions).toEqual(['pay', 'cancel']);
    expectRefused(await ada.pay(booking, DECLINED), 'payment_declined');
  }
  expect((await ada.read(booking.id)).body.availableActions).toEqual(['cancel']);
  expect((await ada.list()).body.data[0]?.availableActions).toEqual(['cancel']);
  const refused = await ada.pay(booking);
  expect(refused.status).toBe(429);
  expect(expectRefused(refused, 'too_many_declines').retry).toBe('no');
  expect(refused.headers.has('retry-after')).toBe(false);
  expect((await ada.cancel(booking)).status).toBe(200);
});

test('without a workflow nothing is offered', async () => {
  const { body: booking } = await ada.create(await store.flight());
  expect((await ada.read(booking.id)).body.availableActions).toEqual(['pay', 'cancel']);
  await store.env.client.workflow.getHandle(booking.workflowId).terminate();
  expect((await ada.read(booking.id)).body.availableActions).toEqual([]);
});

test('past its deadline a hold offers nothing, also in lists, and also without a workflow', async () => {
  const { body: booking } = await ada.create(await store.flight());
  await store.env.client.workflow.getHandle(booking.workflowId).terminate();
  await store
    .db('bookings')
    .where({ id: booking.id })
    .update({ payment_required_by: new Date(Date.now() - 1) });
  expect((await ada.read(booking.id)).body).toMatchObject({
    status: 'pending',
    availableActions: [],
  });
  expect((await ada.list()).body.data[0]?.availableActions).toEqual([]);
});

test('while it is being paid for a booking offers nothing', async () => {
  const { body: booking } = await ada.create(await store.flight());
  const capture = store.provider.pause('capture');
  const paying = ada.pay(booking);
  await capture.reached;
  expect((await ada.read(booking.id)).body.availableActions).toEqual([]);
  capture.letIn();
  expect((await paying).status).toBe(201);
  expect((await ada.read(booking.id)).body.availableActions).toEqual(['cancel']);
});
