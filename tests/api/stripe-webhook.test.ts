import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/auditor';
import type { Booking } from '../../src/domain/booking';
import { foreignPaymentId } from '../../src/temporal/foreign-payment-id';
import { providerEventWorkflowId } from '../../src/temporal/refund-contracts';
import { intentOf } from '../payments/scripted-stripe';
import { openStorefront, type Storefront } from '../support/api';
import { NEXT_ACTION } from '../support/provider';
import { STARTING_MS, untilRefund } from '../support/shop';
import { expectRefused, expectReplay, newKey, type Client } from './client';
import { signedByStripe, STRIPE_WEBHOOK } from './signed-events';

/** Customers confirm payments with their bank, and Stripe tells us what became of it: late, twice, in any order. */

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

async function ended({ workflowId }: Booking): Promise<void> {
  await store.env.client.workflow.getHandle(workflowId).result();
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
    await ended(booking);
  });

  test('books as soon as Stripe tells that they have, and the key answers that from then on', async () => {
    const { ada, booking, key } = await asked();
    store.provider.setBank('lets_through');
    await tell(stripeEvent(booking.id, CAPTURABLE));
    await ended(booking);
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
    const declined = async () => (await ada.read(booking.id)).body.payment?.status === 'declined';
    while (!(await declined()));
    expectRefused(await ada.pay(booking, {}, key), 'payment_declined');
    store.provider.setBank('lets_through');
    expect(await ada.pay(booking)).toMatchObject({ status: 201 });
  });

  test('that they never confirm ends at the deadline: nothing is taken, and the key says so', async () => {
    // Sales close in six seconds: so long is there to pay.
    const { ada, booking, key, answer } = await asked(60.1);
    expect(answer.status).toBe(202);
    await ended(booking);
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

describe('an event', () => {
  test('that comes three times has one effect', async () => {
    const { ada, booking } = await holder();
    const event = stripeEvent(booking.id, CAPTURED);
    await Promise.all([tell(event), tell(event), tell(event)]);
    await ended(booking);
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
    await ended(booking);
    expect((await ada.read(booking.id)).body).toMatchObject({ status: 'booked', refund: null });
    expect(await store.db('payments').where({ booking_id: booking.id })).toHaveLength(1);
    for (const event of [captured, before, sameAgain]) expect(await rowsOf(event)).toHaveLength(1);
  });

  test('of money for a booking that is over goes back', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    await ended(booking);
    const event = stripeEvent(booking.id, CAPTURED);
    await tell(event);
    const providerPaymentId = event.data.object.id;
    const paymentId = foreignPaymentId({ provider: 'stripe', providerPaymentId });
    // The tests' own provider is not Stripe, and so a person is asked.
    expect(await untilRefund(store.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'foreign_provider',
    });
  });

  test('of a booking that is over, about no money, changes nothing', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    await ended(booking);
    const before = (await ada.events(booking)).body;
    await tell(stripeEvent(booking.id, CAPTURABLE));
    await tell(stripeEvent(booking.id, ['payment_intent.canceled', 'canceled']));
    expect((await ada.events(booking)).body).toEqual(before);
  });

  test.each<[string, () => unknown]>([
    ['about no payment', () => ({ ...stripeEvent(randomUUID(), CAPTURED), type: 'payout.paid' })],
    ['of a payment that names no booking', () => stripeEvent('', CAPTURED, { metadata: {} })],
    ['of a payment of another shop', () => stripeEvent('order 7', CAPTURED)],
  ])('%s is received, and none of our business', async (_, make) => {
    const event = make() as StripeEvent;
    expect(await post(event)).toMatchObject({ status: 200, body: { received: true } });
    const workflowId = providerEventWorkflowId({ provider: 'stripe', eventId: event.id } as never);
    await expect(store.env.client.workflow.getHandle(workflowId).describe()).rejects.toThrow();
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
