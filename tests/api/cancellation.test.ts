import { waitUntil } from '../../src/cli/wait';
import { auditBooks } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import type { Booking } from '../../src/domain/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { cancellationWorkflowId } from '../../src/temporal/contracts/cancellation';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  PaymentDeadlineAttribute,
} from '../../src/temporal/contracts/search-attributes';
import { eventsOf, ledgerOf } from '../db/inventory';
import { openStorefront, type Storefront } from '../support/api';
import { adult, ADULT_PRICE, seatsByState } from '../support/flights';
import { STARTING_MS, untilRefund, untilRefunded } from '../support/shop';
import { expectRefused, type Client } from './client';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';
import { PATIENCE_MS } from '../support/patience';

/**
 * Bookings that are paid for are cancelled by the rules of their fare: seats are free at once,
 * money goes back once.
 */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);
afterEach(async () => {
  expect(await auditBooks(store.db)).toEqual([]);
});
afterAll(() => store.close());

const IN_SIX_DAYS = { departsInMinutes: 6 * 24 * 60 };
const IN_EIGHT_DAYS = { departsInMinutes: 8 * 24 * 60 };
const A_DAY_MS = 24 * 60 * 60_000;

interface Sold {
  ada: Client;
  booking: Booking;
}

/** A booking that was paid for by card, on a flight of its own. */
async function sell(
  flight: Parameters<Storefront['flight']>[0] = {},
  details: Record<string, unknown> = {},
): Promise<Sold> {
  const ada = await store.customer();
  const { body: held } = await ada.create(await store.flight(flight), details);
  expect(await ada.pay(held)).toMatchObject({ status: 201 });
  return { ada, booking: (await ada.read(held.id)).body };
}

/** Lets time pass since a booking was made. */
async function bookedAgo({ id }: Booking, ms: number): Promise<void> {
  await store
    .db('bookings')
    .where({ id })
    .update({ created_at: new Date(Date.now() - ms) });
}

/** Waits until the booking's money has gone back; returns the booking as it is read then. */
async function refunded({ ada, booking }: Sold): Promise<Booking> {
  await untilRefunded(store.db, booking.payment?.id ?? '');
  return (await ada.read(booking.id)).body;
}

const refundsAtProvider = ({ payment }: Booking) =>
  store
    .db('sandbox_provider.refunds')
    .join('sandbox_provider.payment_intents as i', 'i.id', 'payment_intent_id')
    .where('i.idempotency_key', payment?.id ?? '')
    .pluck('sandbox_provider.refunds.amount');

const money = (amount: number) => ({ amount, currency: 'USD' });

describe('of a booking that is paid for', () => {
  test.each<[string, Parameters<Storefront['flight']>[0], number, number]>([
    ['all of it within a day, if the flight was a week off or more', IN_EIGHT_DAYS, 0, 12_000],
    ['all but the fee after a day', IN_EIGHT_DAYS, A_DAY_MS + 60_000, 7_000],
    ['all but the fee if the flight was less than a week off', IN_SIX_DAYS, 0, 7_000],
    ['nothing of a saver fare', { ...IN_SIX_DAYS, refundable: false }, 0, 0],
    [
      'all of a saver fare within a day, too',
      { ...IN_EIGHT_DAYS, refundable: false },
      A_DAY_MS - 60_000,
      12_000,
    ],
  ])('gives back %s, as was quoted', async (_, flight, agoMs, amount) => {
    const sold = await sell(flight);
    const { ada, booking } = sold;
    await bookedAgo(booking, agoMs);
    expect(await ada.quote(booking)).toMatchObject({
      status: 200,
      body: { bookingId: booking.id, refund: money(amount), fee: money(12_000 - amount) },
    });

    const { status, body } = await ada.cancel(booking, { reason: 'The plans have changed.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'customer_request',
      payment: { id: booking.payment?.id, status: 'captured' },
      refund: amount === 0 ? null : { status: 'pending', ...money(amount) },
      availableActions: [],
    });
    expect(await seatsByState(store.db, booking.flight.id)).toEqual({ free: 6, held: 0, sold: 0 });

    if (amount > 0) {
      expect((await refunded(sold)).refund).toEqual({ status: 'succeeded', ...money(amount) });
    }
    expect(await refundsAtProvider(booking)).toEqual(amount === 0 ? [] : [amount]);
    expect(await ledgerOf(store.db, booking.id)).toMatchObject({
      'revenue:fares': 0,
      'receivable:sandbox': 12_000 - amount,
    });
    // What is over costs nothing more, and gives nothing more back.
    expect((await ada.quote(booking)).body).toMatchObject({ refund: money(0), fee: money(0) });
  });

  test('by an operator gives all of it back, and says so', async () => {
    const sold = await sell({ ...IN_SIX_DAYS, refundable: false });
    const operator = await store.operator();
    expect((await operator.quote(sold.booking)).body).toMatchObject({
      refund: ADULT_PRICE,
      fee: money(0),
    });
    expect((await operator.cancel(sold.booking)).body).toMatchObject({
      cancellationReason: 'operator_request',
      refund: ADULT_PRICE,
    });
    expect((await refunded(sold)).refund).toEqual({ status: 'succeeded', ...ADULT_PRICE });
  });

  test('goes by the conditions that it was sold with, whatever the flight’s are by then', async () => {
    const { ada, booking } = await sell(IN_SIX_DAYS);
    await store
      .db('flight_cabins')
      .where({ flight_id: booking.flight.id })
      .update({ refundable: false });
    expect((await ada.quote(booking)).body).toMatchObject({ refund: money(7_000) });
  });

  test('frees its seat for someone else at once', async () => {
    const ada = await store.customer();
    const flight = await store.flight();
    const party = { passengers: [adult('1A')] };
    const { body: held } = await ada.create(flight, party);
    await ada.pay(held);
    await ada.cancel(held);
    const bea = await store.customer();
    const { status, body } = await bea.create(flight, party);
    expect(status).toBe(201);
    expect(await bea.pay(body)).toMatchObject({ status: 201 });
    expect((await bea.read(body.id)).body).toMatchObject({
      status: 'booked',
      passengers: [{ seatNumber: '1A' }],
    });
  });

  test('is one, even if several ask for it at once', async () => {
    const sold = await sell(IN_SIX_DAYS);
    const { ada, booking } = sold;
    const operator = await store.operator();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? ada : operator).cancel(booking)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const reasons = new Set(answers.map(({ body }) => body.cancellationReason));
    expect(reasons.size).toBe(1);
    const { refund } = await refunded(sold);
    expect(refund).toMatchObject(money(reasons.has('operator_request') ? 12_000 : 7_000));
    expect(await refundsAtProvider(booking)).toEqual([refund?.amount]);
    expect(await eventsOf(store.db, booking.id)).toEqual([
      'seats_held',
      'payment_started',
      'booked',
      'cancelled',
      'refunded',
    ]);
    expect(await seatsByState(store.db, booking.flight.id)).toEqual({ free: 6, held: 0, sold: 0 });
  });

  test('that is repeated later answers it as it is, also when Temporal has dropped everything', async () => {
    const sold = await sell();
    const { ada, booking } = sold;
    await ada.cancel(booking);
    const after = await refunded(sold);
    expect(await ada.cancel(booking)).toMatchObject({ status: 200, body: after });
    await store.forget(booking);
    expect(await ada.cancel(booking)).toMatchObject({ status: 200, body: after });
    expect(await (await store.operator()).cancel(booking)).toMatchObject({ body: after });
    expect(await refundsAtProvider(booking)).toEqual([12_000]);
  });

  test('that expects another amount is refused, and can be made again', async () => {
    const { ada, booking } = await sell(IN_SIX_DAYS);
    for (let again = 0; again < 3; again += 1) {
      const { status, body } = await ada.cancel(booking, { expectedRefund: money(12_000) });
      expect({ status, body }).toMatchObject({ status: 409, body: { code: 'quote_changed' } });
    }
    expect((await ada.read(booking.id)).body).toMatchObject({ status: 'booked' });
    expect(await ada.cancel(booking, { expectedRefund: money(7_000) })).toMatchObject({
      status: 200,
      body: { status: 'cancelled', refund: money(7_000) },
    });
  });

  test('works when its workflow was terminated, once', async () => {
    const sold = await sell(IN_SIX_DAYS);
    const { ada, booking } = sold;
    await store.env.client.workflow.getHandle(booking.workflowId).terminate();
    const answers = await Promise.all(Array.from({ length: 5 }, () => ada.cancel(booking)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    await refunded(sold);
    expect(await refundsAtProvider(booking)).toEqual([7_000]);
    expect(await store.env.client.workflow.getHandle(booking.workflowId).result()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'customer_request',
      reference: booking.reference,
    });
  });

  test('that Temporal has lost, and the database has, gives the money back once it is asked for again', async () => {
    const sold = await sell(IN_SIX_DAYS);
    const { ada, booking } = sold;
    await cancelBookedBooking(store.db, booking.id, {
      asOperator: false,
      actor: 'customer-1',
      requestedAt: new Date(),
      ourProviders: ['sandbox'],
    });
    const { body: lost } = await ada.read(booking.id);
    expect(lost).toMatchObject({ status: 'cancelled', refund: { status: 'pending' } });

    expect(await ada.cancel(lost)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    const { body } = await ada.cancel(lost, { expectedRefund: money(1) });
    expect(body).toMatchObject({ status: 'cancelled' });
    expect((await refunded(sold)).refund).toEqual({ status: 'succeeded', ...money(7_000) });
    expect(await refundsAtProvider(booking)).toEqual([7_000]);
    expect(await store.env.client.workflow.getHandle(booking.workflowId).result()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'customer_request',
    });
  });

  test('works when Temporal has dropped the booking', async () => {
    const sold = await sell();
    await store.forget(sold.booking);
    expect(await sold.ada.cancel(sold.booking)).toMatchObject({ body: { status: 'cancelled' } });
    expect((await refunded(sold)).refund).toMatchObject({ status: 'succeeded' });
  });

  test('is refused once its flight has left, to operators too', async () => {
    const { ada, booking } = await sell();
    await store.reschedule(booking.flight, -1);
    for (const client of [ada, await store.operator()]) {
      expectRefused(await client.cancel(booking), 'booking_not_cancellable');
      expectRefused(await client.quote(booking), 'booking_not_cancellable');
    }
    const { body } = await ada.read(booking.id);
    expect(body).toMatchObject({ status: 'booked', availableActions: [] });
  });

  test('is possible until its flight leaves, sales closed or not', async () => {
    const { ada, booking } = await sell();
    await store.reschedule(booking.flight, 5);
    expect((await ada.read(booking.id)).body.availableActions).toEqual(['cancel']);
    expect(await ada.cancel(booking)).toMatchObject({ status: 200 });
  });

  test('is nobody else’s business', async () => {
    const { booking } = await sell();
    const bea = await store.customer();
    expectRefused(await bea.cancel(booking), 'booking_not_found');
    expectRefused(await bea.quote(booking), 'booking_not_found');
    expectRefused(await store.anyone.cancel(booking), 'unauthenticated');
    expectRefused(await store.anyone.quote(booking), 'unauthenticated');
  });

  test('shows its own refund, also when other money comes later', async () => {
    const sold = await sell(IN_SIX_DAYS);
    const { ada, booking } = sold;
    await ada.cancel(booking);
    const { refund } = await refunded(sold);
    const event = paymentEvent(booking);
    await store.anyone.send('POST', PAYMENT_EVENTS, signed(event));
    await untilRefund(store.env, externalPaymentId(event.data), 'needs_operator');
    expect((await ada.read(booking.id)).body.refund).toEqual(refund);
  });

  test('by its owner, paid by another service, is left to a person', async () => {
    const ada = await store.customer();
    const { body: held } = await ada.create(await store.flight(IN_SIX_DAYS));
    await store.anyone.send('POST', PAYMENT_EVENTS, signed(paymentEvent(held)));
    await store.settled(held);
    expect((await ada.cancel(held)).body).toMatchObject({
      status: 'cancelled',
      refund: { status: 'needs_operator', ...money(7_000) },
    });
  });

  test('shows operators in Temporal how it stands', async () => {
    const sold = await sell();
    const { ada, booking } = sold;
    await ada.cancel(booking);
    await refunded(sold);
    const { workflow } = store.env.client;
    const handle = workflow.getHandle(booking.workflowId);
    expect(await handle.result()).toMatchObject({ status: 'cancelled' });
    const { typedSearchAttributes, priority } = await handle.describe();
    expect(priority?.fairnessKey).toBe(booking.flight.id);
    expect(typedSearchAttributes.get(BookingStatusAttribute)).toBe('cancelled');
    expect(typedSearchAttributes.get(BookingReferenceAttribute)).toBe(booking.reference);
    expect(typedSearchAttributes.get(PaymentDeadlineAttribute)).toBeUndefined();

    const query = `BookingReference = '${booking.reference}' AND BookingStatus = 'cancelled'`;
    const found = async () => {
      const ids: string[] = [];
      for await (const { workflowId } of workflow.list({ query })) ids.push(workflowId);
      return ids;
    };
    // The search index is a moment behind.
    await waitUntil(async () => (await found()).length > 0, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('Temporal does not find the cancellation'),
    });
    expect(await found()).toEqual([booking.workflowId]);
  });
});

describe('of a booking that waits for its payment', () => {
  test('costs nothing, and there is nothing to give back', async () => {
    const ada = await store.customer();
    const { body: booking } = await ada.create(await store.flight());
    expect((await ada.quote(booking)).body).toEqual({
      bookingId: booking.id,
      refund: money(0),
      fee: money(0),
    });
    expect((await ada.cancel(booking)).body).toMatchObject({ status: 'cancelled', refund: null });
  });

  test('is refused while a payment is being made, and so is a quote', async () => {
    const ada = await store.customer();
    const { body: booking } = await ada.create(await store.flight());
    const capture = store.provider.pause('capture');
    const paying = ada.pay(booking);
    await capture.reached;
    for (const client of [ada, await store.operator()]) {
      expectRefused(await client.cancel(booking), 'payment_in_progress');
      expectRefused(await client.quote(booking), 'payment_in_progress');
    }
    expect((await ada.read(booking.id)).body.availableActions).toEqual([]);
    capture.letIn();
    expect(await paying).toMatchObject({ status: 201 });
    expect((await ada.read(booking.id)).body.availableActions).toEqual(['cancel']);
  });

  test('against a payment at the same time: one of them wins, and the books agree', async () => {
    const holders: Sold[] = [];
    for (let round = 0; round < 8; round += 1) {
      const ada = await store.customer();
      holders.push({ ada, booking: (await ada.create(await store.flight())).body });
    }
    await Promise.all(
      holders.map(async ({ ada, booking }) => {
        const [paid, cancelled] = await Promise.all([ada.pay(booking), ada.cancel(booking)]);
        const { body: now } = await ada.read(booking.id);
        const isPaid = paid.status === 201;
        if (!isPaid) expectRefused(paid, 'booking_not_payable');
        if (cancelled.status !== 200) expectRefused(cancelled, 'payment_in_progress');
        expect(isPaid || cancelled.status === 200).toBe(true);
        expect(now.status).toBe(cancelled.status === 200 ? 'cancelled' : 'booked');
        if (isPaid && cancelled.status === 200) await untilRefunded(store.db, paid.body.id);
      }),
    );
  });
});

describe('what an operator has begun in Temporal, and that came to nothing,', () => {
  const startByHand = ({ id }: Booking, taskQueue: string) =>
    store.env.client.workflow.start('cancellationWorkflow', {
      workflowId: cancellationWorkflowId(id),
      taskQueue,
      args: [{ bookingId: id, requestedBy: 'operator-1', asOperator: true }],
    });

  test('stands in nobody’s way when it was terminated', async () => {
    const sold = await sell();
    const handle = await startByHand(sold.booking, 'nobody-works-here');
    await handle.terminate();
    expect(await sold.ada.cancel(sold.booking)).toMatchObject({
      status: 200,
      body: { cancellationReason: 'customer_request' },
    });
    expect((await refunded(sold)).refund).toMatchObject({ status: 'succeeded' });
  });

  test('stands in nobody’s way when it was refused, since the booking was not paid for yet', async () => {
    const ada = await store.customer();
    const { body: booking } = await ada.create(await store.flight());
    const handle = await startByHand(booking, 'bookings');
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'booking_not_found' } });
    expect(await ada.pay(booking)).toMatchObject({ status: 201 });
    expect(await ada.cancel(booking)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    await untilRefunded(store.db, (await ada.read(booking.id)).body.payment?.id ?? '');
  });
});
