import { randomUUID } from 'node:crypto';
import { readBooking } from '../../src/db/bookings/booking-view';
import { openStorefront, type Storefront } from '../support/api';
import { ADULT_PRICE } from '../support/flights';
import { STARTING_MS } from '../support/shop';
import { expectRefused, expectReplay, newKey } from './client';
import { PAYMENT_EVENTS, paymentEvent, signed } from './signed-events';

/** Customers see every payment of their booking, what came of it, and what went back. */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
}, STARTING_MS);
afterAll(() => store.close());

async function holder() {
  const ada = await store.customer();
  const { body: booking } = await ada.create(await store.flight());
  return { ada, booking };
}

test('a booking tells of each payment, declined ones too, and of what went back', async () => {
  const { ada, booking } = await holder();
  expect((await ada.payments(booking)).body).toEqual({ data: [] });
  await ada.pay(booking, { paymentMethod: 'pm_card_chargeDeclined' });
  const { body: paid } = await ada.pay(booking);
  const money = { amount: 12_000, currency: 'USD' };
  const [declined, captured] = (await ada.payments(booking)).body.data;
  const common = {
    bookingId: booking.id,
    bookingStatus: 'booked',
    ...money,
    provider: 'sandbox',
    dispute: null,
    refunds: [],
    refundedByProvider: 0,
    createdAt: expect.any(String),
  };
  expect(declined).toEqual({
    ...common,
    id: expect.any(String),
    status: 'declined',
    applied: false,
    capturedAt: null,
    declineCode: 'generic_decline',
  });
  expect(captured).toEqual({ ...common, ...paid, applied: true });

  await ada.cancel(booking);
  const [, back] = (await ada.payments(booking)).body.data;
  expect(back?.refunds).toEqual([
    {
      id: expect.any(String),
      status: expect.stringMatching(/pending|succeeded/),
      ...money,
      createdAt: expect.any(String),
    },
  ]);
});

test('nobody but its owner and operators sees them', async () => {
  const { ada, booking } = await holder();
  await ada.pay(booking);
  const other = await store.customer();
  expectRefused(await other.payments(booking), 'booking_not_found');
  expectRefused(await ada.payments({ id: randomUUID() }), 'booking_not_found');
  expectRefused(await ada.payments({ id: 'no-id' }), 'booking_not_found');
  expectRefused(
    await store.anyone.get(`/api/v1/bookings/${booking.id}/payments`),
    'unauthenticated',
  );
  const operator = await store.operator();
  expect((await operator.payments(booking)).body).toEqual((await ada.payments(booking)).body);
});

test('an answer that was stored before payments told of disputes is repeated letter by letter', async () => {
  const { ada, booking } = await holder();
  const key = newKey();
  const first = await ada.pay(booking, {}, key);
  const { dispute: _, ...before } = first.body;
  const body = JSON.stringify(before);
  await store.db('idempotency_outcomes').where({ route: 'payments', key }).update({ body });
  expectReplay(await ada.pay(booking, {}, key), { ...first, text: body });
});

describe('what goes back of a booking', () => {
  test('is not what goes back of money that did not pay for it', async () => {
    const { ada, booking } = await holder();
    await ada.pay(booking);
    await store.anyone.send('POST', PAYMENT_EVENTS, signed(paymentEvent(booking)));
    const payments = async () => (await ada.payments(booking)).body.data;
    while ((await payments()).length < 2) await new Promise(setImmediate);
    expect((await payments())[1]).toMatchObject({
      applied: false,
      provider: 'bank',
      refunds: [{ status: 'needs_operator' }],
    });
    expect((await ada.read(booking.id)).body.refund).toBeNull();
    await ada.cancel(booking);
    expect((await ada.read(booking.id)).body.refund).toMatchObject(ADULT_PRICE);
  });

  test('is the latest refund where nothing ever paid for it', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    const insert = async (amount: number, createdAt: Date) => {
      const id = randomUUID();
      const taken = { status: 'captured', applied: false, captured_at: createdAt };
      const money = { amount, currency: 'USD' };
      await store.db('payments').insert({
        id,
        booking_id: booking.id,
        ...taken,
        ...money,
        provider: 'bank',
        provider_payment_id: id,
      });
      await store.db('refunds').insert({
        id: randomUUID(),
        payment_id: id,
        status: 'needs_operator',
        ...money,
        reason: 'late',
        created_at: createdAt,
      });
    };
    await insert(2, new Date());
    await insert(1, new Date(Date.now() - 60_000));
    const { booking: read } = (await readBooking(store.db, booking.id))!;
    expect(read.refund).toEqual({ status: 'needs_operator', amount: 2, currency: 'USD' });
  });
});
