import { randomUUID } from 'node:crypto';
import { findStuck } from '../../src/operations/stuck/stuck';
import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { providerEventWorkflowId } from '../../src/temporal/contracts/provider-event';
import { intentOf } from '../payments/scripted-stripe';
import { openStorefront, type Storefront } from '../support/api';
import { NEXT_ACTION } from '../support/provider';
import { STARTING_MS, untilRefund, untilSeen } from '../support/shop';
import { expectRefused, expectReplay, newKey, type Client } from './client';
import { signedByStripe, STRIPE_WEBHOOK } from './signed-events';

/**
 * Customers confirm payments with their bank, and Stripe tells us what became of it: late, twice,
 * in any order.
 */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);
afterEach(async () => {
  store.provider.setBank('lets_through');
  expect(await auditBooks(store.db)).toEqual([]);
});
afterAll(() => store.close());

const CAPTURABLE = ['payment_intent.amount_capturable_updated', 'requires_capture'] as const;
const CAPTURED = ['payment_intent.succeeded', 'succeeded'] as const;

/** What Stripe tells of a payment of a booking, each time under an ID of its own. */
function stripeEvent(
  bookingId: string,
  [type, status]: readonly [string, string],
  { id = `pi_${randomUUID()}`, ...details }: Record<string, unknown> & { id?: string } = {},
) {
  const intent = {
    status,
    amount: 12_000,
    currency: 'usd',
    metadata: { bookingId, paymentId: randomUUID() },
    ...(status === 'succeeded' ? { amount_received: 12_000 } : {}),
    ...details,
  };
  return {
    id: `evt_${randomUUID()}`,
    object: 'event',
    type,
    created: Math.floor(Date.now() / 1_000),
    data: { object: { ...intentOf(id, intent), id } },
  };
}

type StripeEvent = ReturnType<typeof stripeEvent>;

const post = (event: unknown, seal?: Parameters<typeof signedByStripe>[1]) =>
  store.anyone.send('POST', STRIPE_WEBHOOK, signedByStripe(event, seal));

const rowsOf = ({ id }: StripeEvent) => store.db('provider_events').where({ event_id: id });

/** Posts an event, and waits until it has been acted on. */
async function tell(event: StripeEvent): Promise<void> {
  expect(await post(event)).toMatchObject({ status: 200, body: { received: true } });
  await store.env.client.workflow
    .getHandle(providerEventWorkflowId({ provider: 'stripe', eventId: event.id } as never))
    .result();
}

async function holder(departsInMinutes?: number): Promise<{ ada: Client; booking: Booking }> {
  const ada = await store.customer();
  const flight = await store.flight(departsInMinutes === undefined ? {} : { departsInMinutes });
  const { body: booking } = await ada.create(flight);
  return { ada, booking };
}

/** A customer whose bank wants to see them before it lets their payment through. */
async function asked(departsInMinutes?: number) {
  const { ada, booking } = await holder(departsInMinutes);
  const key = newKey();
  store.provider.setBank('asks_the_customer');
  const answer = await ada.pay(booking, {}, key);
  return { ada, booking, key, answer };
}

describe('a payment that the customer has to confirm', () => {
  test('is accepted, with what they have to do, also when it is sent again', async () => {
    const { ada, booking, key, answer } = await asked();
    expect(answer).toMatchObject({
      status: 202,
      body: {
        bookingId: booking.id,
        bookingStatus: 'pending',
        status: 'processing',
        amount: 12_000,
        currency: 'USD',
        capturedAt: null,
        nextAction: NEXT_ACTION,
      },
    });
    const again = await ada.pay(booking, {}, key);
    expect(again).toMatchObject({ status: 202, body: answer.body });
    expect(again.headers.get('idempotent-replayed')).toBeNull();
    expectRefused(await ada.pay(booking, { amount: 1 }, key), 'idempotency_key_reused');
    expectRefused(await ada.pay(booking), 'payment_in_progress');
    expectRefused(await ada.cancel(booking), 'payment_in_progress');
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'pending',
      payment: { id: answer.body.id, status: 'processing' },
      availableActions: [],
    });
    await store.env.client.workflow.getHandle(booking.workflowId).cancel();
    await store.settled(booking);
  });

  test('books as soon as Stripe tells that they have, and the key answers that from then on', async () => {
    const { ada, booking, key } = await asked();
    store.provider.setBank('lets_through');
    await tell(stripeEvent(booking.id, CAPTURABLE));
    await store.settled(booking);
    const first = await ada.pay(booking, {}, key);
    expect(first).toMatchObject({
      status: 201,
      body: { status: 'captured', bookingStatus: 'booked' },
    });
    expect(first.body.nextAction).toBeUndefined();
    expectReplay(await ada.pay(booking, {}, key), first);
    expect((await ada.read(booking.id)).body.status).toBe('booked');
  });

  test('is declined when they fail to, and the key answers that from then on', async () => {
    const { ada, booking, key } = await asked();
    store.provider.setBank('declines');
    await tell(
      stripeEvent(booking.id, ['payment_intent.payment_failed', 'requires_payment_method'], {
        last_payment_error: { code: 'authentication_failed' },
      }),
    );
    await untilSeen(async () => {
      const { payment } = (await ada.read(booking.id)).body;
      return payment?.status === 'declined' ? payment : undefined;
    });
    expectRefused(await ada.pay(booking, {}, key), 'payment_declined');
    store.provider.setBank('lets_through');
    expect(await ada.pay(booking)).toMatchObject({ status: 201 });
  });

  test('that they never confirm ends at the deadline: nothing is taken, and the key says so', async () => {
    // Sales close in nine seconds: so long is there to pay.
    const { ada, booking, key, answer } = await asked(60.15);
    expect(answer.status).toBe(202);
    await store.settled(booking);
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'payment_expired',
      payment: { id: answer.body.id, status: 'voided', capturedAt: null },
      refund: null,
    });
    expectRefused(await ada.pay(booking, {}, key), 'booking_not_payable');
    await store.forget(booking);
    expectRefused(await ada.pay(booking, {}, key), 'booking_not_payable');
  });
});

/** Where operators look for what is stuck. */
function backendOf({ db, env }: Storefront) {
  return { db, client: env.client, taskQueue: 'bookings' };
}

/** An event about another object of Stripe's than a payment. */
function eventAbout(type: string, object: Record<string, unknown>) {
  const created = Math.floor(Date.now() / 1_000);
  return { id: `evt_${randomUUID()}`, object: 'event', type, created, data: { object } } as never;
}

/** A booking that was paid for through Stripe. */
async function paidAtStripe() {
  const { ada, booking } = await holder();
  const captured = stripeEvent(booking.id, CAPTURED);
  await tell(captured);
  await store.settled(booking);
  return { ada, booking, intentId: captured.data.object.id };
}

describe('a payment that the customer’s bank takes back', () => {
  const disputeOf = (payment_intent: string, details: Record<string, unknown> = {}) => ({
    id: `dp_${payment_intent}`,
    object: 'dispute',
    amount: 12_000,
    currency: 'usd',
    charge: 'ch_1',
    payment_intent,
    reason: 'fraudulent',
    status: 'needs_response',
    ...details,
  });
  const DISPUTE = { status: 'open', amount: 12_000, currency: 'USD' };

  test('is shown to its owner as disputed, and the booking stays booked', async () => {
    const { ada, booking, intentId } = await paidAtStripe();
    for (const type of ['created', 'updated', 'funds_withdrawn', 'created'])
      await tell(eventAbout(`charge.dispute.${type}`, disputeOf(intentId)));
    const { status, body } = await ada.payments(booking);
    expect(status).toBe(200);
    expect(body.data).toMatchObject([{ status: 'captured', applied: true, dispute: DISPUTE }]);
    expect((await ada.read(booking.id)).body.status).toBe('booked');
    const types = (await ada.events(booking)).body.data.map(({ type }) => type);
    expect(types.filter((type) => type === 'payment_disputed')).toHaveLength(1);
    expect(await findStuck(backendOf(store))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'payment_disputed', bookingId: booking.id }),
      ]),
    );
  });

  test('and whose booking is cancelled then, waits for a person: it would go back twice', async () => {
    const { ada, booking, intentId } = await paidAtStripe();
    await tell(eventAbout('charge.dispute.created', disputeOf(intentId)));
    expect((await ada.cancel(booking)).body).toMatchObject({
      status: 'cancelled',
      refund: { status: 'needs_operator' },
    });
    const [payment] = (await ada.payments(booking)).body.data;
    expect(await untilRefund(store.env, payment!.id, 'needs_operator')).toMatchObject({
      whyOperator: 'disputed',
    });
  });

  test('and wins against it, is as if it had not been', async () => {
    const { ada, booking, intentId } = await paidAtStripe();
    const won = disputeOf(intentId, { status: 'won' });
    await tell(eventAbout('charge.dispute.closed', won));
    await tell(eventAbout('charge.dispute.funds_reinstated', won));
    await tell(eventAbout('charge.dispute.funds_withdrawn', won));
    expect((await ada.payments(booking)).body.data).toMatchObject([
      { dispute: { ...DISPUTE, status: 'won' } },
    ]);
    const stuck = await findStuck(backendOf(store));
    expect(stuck.map(({ bookingId }) => bookingId)).not.toContain(booking.id);
  });
});

describe('money that Stripe gave back without us', () => {
  test.each(['charge.refunded', 'refund.created', 'refund.updated', 'charge.refund.updated'])(
    '%s: is on record, and stands among what is stuck',
    async (type) => {
      const { ada, booking, intentId: payment_intent } = await paidAtStripe();
      const money = { amount: 5_000, amount_refunded: 5_000, currency: 'usd' };
      const event = eventAbout(type, {
        id: `re_${payment_intent}`,
        ...money,
        payment_intent,
        metadata: {},
        charge: 'ch_1',
        status: 'succeeded',
      });
      await tell(event);
      await tell(event);
      expect((await ada.payments(booking)).body.data).toMatchObject([
        { status: 'captured', refunds: [], refundedByProvider: 5_000 },
      ]);
      expect((await ada.read(booking.id)).body).toMatchObject({ status: 'booked', refund: null });
      expect(await findStuck(backendOf(store))).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ kind: 'refunded_by_provider', bookingId: booking.id }),
        ]),
      );
    },
  );

  test.each(['refund.failed', 'charge.dispute.created', 'charge.refunded'])(
    '%s of a payment that we never heard of changes nothing',
    async (type) => {
      const object = { id: `x_${randomUUID()}`, amount: 1, amount_refunded: 1, currency: 'usd' };
      const about = { ...object, payment_intent: 'pi_of_nobody', status: 'failed', metadata: {} };
      const event = eventAbout(type, about);
      await tell(event);
      expect(await rowsOf(event)).toMatchObject([{ type }]);
    },
  );
});

describe('an event', () => {
  test('that comes three times has one effect', async () => {
    const { ada, booking } = await holder();
    const event = stripeEvent(booking.id, CAPTURED);
    await Promise.all([tell(event), tell(event), tell(event)]);
    await store.settled(booking);
    await tell(event);
    expect(await rowsOf(event)).toMatchObject([{ provider: 'stripe', type: CAPTURED[0] }]);
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'booked',
      payment: { status: 'captured', amount: 12_000 },
      refund: null,
    });
    expect((await ada.events(booking)).body.data.map(({ type }) => type)).toEqual([
      'seats_held',
      'booked',
    ]);
  });

  test('of a payment comes in any order, and the money counts once', async () => {
    const { ada, booking } = await holder();
    const captured = stripeEvent(booking.id, CAPTURED);
    const { id } = captured.data.object;
    const before = stripeEvent(booking.id, CAPTURABLE, { id });
    const sameAgain = { ...stripeEvent(booking.id, CAPTURED), data: captured.data };
    for (const event of [captured, before, sameAgain, before, captured]) await tell(event);
    await store.settled(booking);
    expect((await ada.read(booking.id)).body).toMatchObject({ status: 'booked', refund: null });
    expect(await store.db('payments').where({ booking_id: booking.id })).toHaveLength(1);
    for (const event of [captured, before, sameAgain]) expect(await rowsOf(event)).toHaveLength(1);
  });

  test('of money for a booking that is over goes back', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    await store.settled(booking);
    const event = stripeEvent(booking.id, CAPTURED);
    await tell(event);
    const providerPaymentId = event.data.object.id;
    const paymentId = externalPaymentId({ provider: 'stripe', providerPaymentId });
    // The tests' own provider is not Stripe, and so a person is asked.
    expect(await untilRefund(store.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'foreign_provider',
    });
  });

  test('of a booking that is over, about no money, changes nothing', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    await store.settled(booking);
    const before = (await ada.events(booking)).body;
    await tell(stripeEvent(booking.id, CAPTURABLE));
    await tell(stripeEvent(booking.id, ['payment_intent.canceled', 'canceled']));
    expect((await ada.events(booking)).body).toEqual(before);
  });

  test.each<[string, () => unknown]>([
    ['about no payment', () => ({ ...stripeEvent(randomUUID(), CAPTURED), type: 'payout.paid' })],
    ['of a payment that names no booking', () => stripeEvent('', CAPTURED, { metadata: {} })],
    ['of a payment of another shop', () => stripeEvent('order 7', CAPTURED)],
  ])('%s is kept with its type, and is none of our business', async (_, make) => {
    const event = make() as StripeEvent;
    await tell(event);
    await tell(event);
    expect(await rowsOf(event)).toMatchObject([{ provider: 'stripe', type: event.type }]);
  });

  test.each<[string, Parameters<typeof signedByStripe>[1]]>([
    ['that Stripe did not sign', { secret: 'whsec_of_someone_else' }],
    ['from six minutes ago', { ageSeconds: 360 }],
    ['from in six minutes', { ageSeconds: -360 }],
  ])('%s is refused', async (_, seal) => {
    const { ada, booking } = await holder();
    expectRefused(await post(stripeEvent(booking.id, CAPTURED), seal), 'unauthenticated');
    expect((await ada.read(booking.id)).body.status).toBe('pending');
  });

  test('that is not signed at all is refused', async () => {
    const body = stripeEvent(randomUUID(), CAPTURED);
    expectRefused(await store.anyone.send('POST', STRIPE_WEBHOOK, { body }), 'unauthenticated');
    expectRefused(await store.anyone.send('POST', STRIPE_WEBHOOK), 'unauthenticated');
  });

  test('that is signed, and that nobody can read, is malformed', async () => {
    expectRefused(await post('{"id":'), 'validation_failed');
    expectRefused(await post({ id: 'evt_1' }), 'validation_failed');
  });

  test('of 200 kB is not read', async () => {
    expectRefused(await post('a'.repeat(200_000)), 'payload_too_large');
  });
});
