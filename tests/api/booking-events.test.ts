import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS, untilRefund, untilRefunded } from '../support/shop';
import { expectRefused, type Client } from './client';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';

/** A booking's history is told to its owner and to operators, and only ever grows. */

let store: Storefront;
/** Where a hold ends before anyone could pay: for those who wait for that. */
let hurried: Storefront;
beforeAll(async () => {
  store = await openStorefront();
  hurried = await openStorefront({ paymentWindowSeconds: 1 });
}, 2 * STARTING_MS);
afterAll(async () => {
  for (const one of [store, hurried]) {
    expect(await auditBooks(one.db)).toEqual([]);
    await one.close();
  }
});

async function holder(at = store) {
  const id = `customer-${randomUUID()}`;
  const ada = await at.customer(id);
  const { body: booking } = await ada.create(await at.flight());
  return { id, ada, booking };
}

/** What happened, by whom and why, as it is told; the times only ever go forward. */
async function historyOf(ada: Client, booking: { id: string }) {
  const { status, body } = await ada.events(booking);
  expect(status).toBe(200);
  const times = body.data.map(({ occurredAt }) => occurredAt);
  expect(times).toEqual([...times].sort());
  return body.data.map(({ type, actor, reason }) => [type, actor, reason]);
}

test('of one that was booked: held, paid, booked', async () => {
  const { ada, booking } = await holder();
  await ada.pay(booking);
  expect(await historyOf(ada, booking)).toEqual([
    ['seats_held', 'customer', null],
    ['payment_started', 'customer', null],
    ['booked', 'customer', null],
  ]);
});

test('of one whose first card was declined tells why', async () => {
  const { ada, booking } = await holder();
  await ada.pay(booking, { paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' });
  await ada.pay(booking);
  expect(await historyOf(ada, booking)).toEqual([
    ['seats_held', 'customer', null],
    ['payment_started', 'customer', null],
    ['payment_declined', 'customer', 'insufficient_funds'],
    ['payment_started', 'customer', null],
    ['booked', 'customer', null],
  ]);
});

test('of one that nobody paid for: the deadline cancelled it', async () => {
  const { ada, booking } = await holder(hurried);
  await hurried.env.client.workflow.getHandle(booking.workflowId).result();
  expect(await historyOf(ada, booking)).toEqual([
    ['seats_held', 'customer', null],
    ['cancelled', 'system', 'payment_expired'],
  ]);
});

test('of one that was cancelled: by whom, in their words, and that the money went back', async () => {
  const { ada, booking } = await holder();
  const { body: payment } = await ada.pay(booking);
  const before = (await ada.events(booking)).body.data;
  await ada.cancel(booking, { reason: 'The plans have changed.' });
  await untilRefunded(store.db, payment.id);
  const { data } = (await ada.events(booking)).body;
  expect(data.slice(0, before.length)).toEqual(before);
  expect(data.slice(before.length)).toEqual([
    {
      type: 'cancelled',
      occurredAt: expect.any(String),
      actor: 'customer',
      reason: 'The plans have changed.',
    },
    { type: 'refunded', occurredAt: expect.any(String), actor: 'system', reason: null },
  ]);
});

test('of one that was paid for too late: the money is on record, and why it pays for nothing', async () => {
  const { ada, booking } = await holder(hurried);
  await hurried.env.client.workflow.getHandle(booking.workflowId).result();
  const event = paymentEvent(booking);
  await hurried.anyone.send('POST', PAYMENT_EVENTS, signed(event));
  await untilRefund(hurried.env, externalPaymentId(event.data), 'needs_operator');
  expect(await historyOf(ada, booking)).toEqual([
    ['seats_held', 'customer', null],
    ['cancelled', 'system', 'payment_expired'],
    ['payment_not_applied', 'payment_provider', 'booking_cancelled'],
    ['refund_needs_operator', 'system', 'foreign_provider'],
  ]);
});

test('is for its owner and for operators, who read who it was, too', async () => {
  const { id, ada, booking } = await holder();
  const operator = await store.operator();
  const told = (await ada.events(booking)).body.data;
  expect((await operator.events(booking)).body.data).toEqual(
    told.map((event) => ({ ...event, by: id, note: null })),
  );
  expectRefused(await (await store.customer()).events(booking), 'booking_not_found');
  expectRefused(await ada.events({ id: randomUUID() }), 'booking_not_found');
  expectRefused(await ada.events({ id: 'tomorrow' }), 'booking_not_found');
  expectRefused(await store.anyone.events(booking), 'unauthenticated');
});

test('can’t be written anew', async () => {
  const { booking } = await holder();
  const events = () => store.db('booking_events').where({ booking_id: booking.id });
  await expect(events().update({ actor: 'someone-else' })).rejects.toThrow();
  await expect(events().delete()).rejects.toThrow();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const ada = await store.operator();
    expectRefused(
      await ada.send(method, `/api/v1/bookings/${booking.id}/events`),
      'method_not_allowed',
    );
  }
});
