import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import type { Payment } from '../../src/domain/payment';
import { openStorefront, type Storefront } from '../support/api';
import { ADULT_PRICE, seatsByState } from '../support/flights';
import { expectInvalid, expectRefused, expectReplay, newKey, type Client } from './client';
import type { Answer } from './contract';

/** A customer pays once for what they booked, however often they ask. */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront();
});
afterAll(() => store.close());

/** A customer with a seat to pay for, on a flight of its own. */
async function holder(): Promise<{ sub: string; ada: Client; booking: Booking }> {
  const sub = `customer-${randomUUID()}`;
  const ada = await store.customer(sub);
  const { body } = await ada.create(await store.flight());
  return { sub, ada, booking: body };
}

/**
 * Runs `meanwhile` while a payment stands at the provider's door; returns how that payment went.
 */
async function whilePaying(
  payment: () => Promise<Answer<Payment>>,
  meanwhile: () => Promise<void>,
): Promise<Answer<Payment>> {
  const call = store.provider.pause('authorize');
  const answer = payment();
  await call.reached;
  await meanwhile().finally(call.letIn);
  return answer;
}

describe('a payment', () => {
  test('is captured, and the booking is booked', async () => {
    const { ada, booking } = await holder();
    const { status, body, headers } = await ada.pay(booking);
    expect(status).toBe(201);
    expect(headers.get('idempotent-replayed')).toBeNull();
    expect(body).toEqual({
      id: expect.any(String),
      bookingId: booking.id,
      bookingStatus: 'booked',
      status: 'captured',
      ...ADULT_PRICE,
      capturedAt: expect.any(String),
      declineCode: null,
      dispute: null,
    });
    const { id, bookingStatus, status: captured, amount, currency, capturedAt } = body;
    const payment = { id, status: captured, amount, currency, capturedAt };
    expect((await ada.read(booking.id)).body).toEqual({
      ...booking,
      status: bookingStatus,
      payment,
      availableActions: expect.any(Array),
    });
    expect(await seatsByState(store.db, booking.flight.id)).toMatchObject({ held: 0, sold: 1 });
  });

  test.each(['pm_sandbox_timeout', 'pm_sandbox_error'])(
    'with %s works in the end, and is charged once',
    async (paymentMethod) => {
      const { ada, booking } = await holder();
      const { status, body } = await ada.pay(booking, { paymentMethod });
      expect([status, body.status]).toEqual([201, 'captured']);
      const intents = store.db('sandbox_provider.payment_intents');
      expect(await intents.where({ idempotency_key: body.id }).select('status')).toEqual([
        { status: 'captured' },
      ]);
    },
  );

  test('may name its payer, who must be the caller', async () => {
    const { sub, ada, booking } = await holder();
    expectRefused(await ada.pay(booking, { userId: 'someone-else' }), 'forbidden');
    expect((await ada.pay(booking, { userId: sub })).status).toBe(201);
  });

  test('that is declined leaves the seats held, and another card may follow', async () => {
    const { ada, booking } = await holder();
    const key = newKey();
    const card = { paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' };
    const declined = await ada.pay(booking, card, key);
    const { declineCode } = expectRefused(declined, 'payment_declined');
    expect({ status: declined.status, declineCode }).toEqual({
      status: 402,
      declineCode: 'insufficient_funds',
    });
    expectReplay(await ada.pay(booking, card, key), declined);
    const { data: attempts } = (await ada.payments(booking)).body;
    expect(attempts).toMatchObject([{ status: 'declined', declineCode: 'insufficient_funds' }]);
    const now = (await ada.read(booking.id)).body;
    expect(now).toMatchObject({ status: 'pending', payment: { status: 'declined' } });
    expect(now.availableActions).toEqual(['pay', 'cancel']);
    expect((await ada.pay(booking)).status).toBe(201);
    expectReplay(await ada.pay(booking, card, key), declined);
  });

  test('is declined ten times at the most: someone may be trying out stolen cards', async () => {
    const { ada, booking } = await holder();
    for (let card = 0; card < 10; card += 1) {
      const declined = await ada.pay(booking, { paymentMethod: 'pm_card_chargeDeclined' });
      expectRefused(declined, 'payment_declined');
    }
    expectRefused(await ada.pay(booking), 'too_many_declines');
  });
});

describe('a payment is refused, and nothing charged,', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['without a booking', { bookingId: undefined }, '/bookingId'],
    ['for a booking by its reference', { bookingId: 'ABC234' }, '/bookingId'],
    ['without an amount', { amount: undefined }, '/amount'],
    ['of nothing', { amount: 0 }, '/amount'],
    ['of less than nothing', { amount: -12_000 }, '/amount'],
    ['of a fraction', { amount: 120.5 }, '/amount'],
    ['of an amount in words', { amount: '12000' }, '/amount'],
    ['of more than there is', { amount: 1e21 }, '/amount'],
    ['in a currency in small letters', { currency: 'usd' }, '/currency'],
    ['without a payment method', { paymentMethod: undefined }, '/paymentMethod'],
    ['with a payment method of two lines', { paymentMethod: 'pm\n' }, '/paymentMethod'],
    ['with an empty payer', { userId: '' }, '/userId'],
    ['with a field that is not known', { cardNumber: '4242' }, '/cardNumber'],
  ])('%s', async (_, details, pointers) => {
    const ada = await store.customer();
    const booking = { id: randomUUID(), price: ADULT_PRICE } as Booking;
    expectInvalid(await ada.pay(booking, details), ...pointers.split(' '));
  });

  test('without a key', async () => {
    const { ada, booking } = await holder();
    const { id: bookingId, price } = booking;
    const body = { bookingId, ...price, breakdown: undefined, paymentMethod: 'pm_card_visa' };
    const answer = await ada.post('/api/v1/bookings/payments', body);
    expectRefused(answer, 'idempotency_key_required');
    expect((await ada.read(booking.id)).body.payment).toBeNull();
  });

  test('of another amount or currency than the price; the key may then pay the right one', async () => {
    const { ada, booking } = await holder();
    const key = newKey();
    for (const wrong of [{ amount: 11_999 }, { currency: 'EUR' }]) {
      const { expected } = expectRefused(await ada.pay(booking, wrong, key), 'amount_mismatch');
      expect(expected).toEqual({ amount: booking.price.amount, currency: booking.price.currency });
    }
    expect((await ada.read(booking.id)).body.payment).toBeNull();
    const paid = await ada.pay(booking, {}, key);
    expect(paid).toMatchObject({ status: 201, body: { status: 'captured', declineCode: null } });
  });

  test('that was declined before there was a decline code, as it was told then', async () => {
    const { sub, ada, booking } = await holder();
    const [card, key] = [{ paymentMethod: 'pm_card_chargeDeclined' }, newKey()];
    const declined = await ada.pay(booking, card, key);
    // As the release before stored it.
    const { code, detail } = expectRefused(declined, 'payment_declined');
    await store
      .db('idempotency_outcomes')
      .where({ caller_id: sub, key })
      .update({ body: JSON.stringify({ code, detail }) });
    const again = await ada.pay(booking, card, key);
    expect(again).toMatchObject({ status: 402, body: { code, detail } });
    expect(again.body).not.toHaveProperty('declineCode');
  });

  test("for a booking that there is not, or that is someone else's: no one can tell which", async () => {
    const { booking } = await holder();
    const bea = await store.customer();
    const foreign = await bea.pay(booking);
    const unknown = await bea.pay({ ...booking, id: randomUUID() });
    expectRefused(foreign, 'booking_not_found');
    expectRefused(unknown, 'booking_not_found');
    expect((foreign.body as unknown as { detail: string }).detail).toBe(
      (unknown.body as unknown as { detail: string }).detail,
    );
    expectRefused(await (await store.operator()).pay(booking), 'forbidden');
  });

  test('for a booking that is booked', async () => {
    const { ada, booking } = await holder();
    await ada.pay(booking);
    expectRefused(await ada.pay(booking), 'booking_not_payable');
  });

  test('for a booking that is cancelled', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    expectRefused(await ada.pay(booking), 'booking_not_payable');
  });

  test('for a booking whose deadline has passed', async () => {
    const ada = await store.customer();
    // Sales close an hour before departure, and no hold outlives them.
    const { body: booking } = await ada.create(
      await store.flight({ departsInMinutes: 60 + 1 / 12 }),
    );
    expect(await store.env.client.workflow.getHandle(booking.workflowId).result()).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'payment_expired',
    });
    expectRefused(await ada.pay(booking), 'booking_not_payable');
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'payment_expired',
      availableActions: [],
    });
  });
});

describe('while a payment is being made', () => {
  test('its retry joins it, and another payment and a cancellation must wait', async () => {
    const { ada, booking } = await holder();
    const key = newKey();
    let retry: Promise<Answer<Payment>> | undefined;
    const first = await whilePaying(
      () => ada.pay(booking, {}, key),
      async () => {
        retry = ada.pay(booking, {}, key);
        expectRefused(await ada.pay(booking), 'payment_in_progress');
        expectRefused(await ada.cancel(booking), 'payment_in_progress');
        const { body } = await ada.read(booking.id);
        expect(body).toMatchObject({ status: 'pending', payment: { status: 'processing' } });
        expect(body.availableActions).toEqual([]);
      },
    );
    expect(first.status).toBe(201);
    expect((await retry)?.text).toBe(first.text);
    expectReplay(await ada.pay(booking, {}, key), first);
  });

  test('its key pays for nothing else', async () => {
    const { ada, booking } = await holder();
    const { body: other } = await ada.create(await store.flight());
    const key = newKey();
    const first = await whilePaying(
      () => ada.pay(booking, {}, key),
      async () => {
        expectRefused(await ada.pay(other, {}, key), 'idempotency_key_reused');
        const otherCard = { paymentMethod: 'pm_sandbox_error' };
        expectRefused(await ada.pay(booking, otherCard, key), 'idempotency_key_reused');
      },
    );
    expect(first.status).toBe(201);
    expectRefused(await ada.pay(other, {}, key), 'idempotency_key_reused');
    expect((await ada.read(other.id)).body.status).toBe('pending');
  });

  test('a declined card lets a cancellation through that was refused before', async () => {
    const { ada, booking } = await holder();
    const declined = await whilePaying(
      () => ada.pay(booking, { paymentMethod: 'pm_card_chargeDeclined' }),
      async () => {
        expectRefused(await ada.cancel(booking), 'payment_in_progress');
      },
    );
    expectRefused(declined, 'payment_declined');
    expect((await ada.cancel(booking)).body.status).toBe('cancelled');
  });

  test('of two bookings sent with one key at once, one is paid', async () => {
    const { ada, booking } = await holder();
    const { body: other } = await ada.create(await store.flight());
    const key = newKey();
    const answers = await Promise.all([ada.pay(booking, {}, key), ada.pay(other, {}, key)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
    const captured = store.db('payments').where({ idempotency_key: key }).pluck('status');
    expect(await captured).toEqual(['captured']);
  });
});

describe('a key that is bound to a payment', () => {
  test('answers the same from another API process, after the workflow is closed and dropped', async () => {
    const { sub, ada, booking } = await holder();
    const key = newKey();
    const first = await ada.pay(booking, {}, key);
    expectReplay(await ada.pay(booking, {}, key), first);
    const elsewhere = await (await store.startApi()).customer(sub);
    expectReplay(await elsewhere.pay(booking, {}, key), first);
    await store.forget(booking);
    expectReplay(await elsewhere.pay(booking, {}, key), first);
    expectRefused(await elsewhere.pay(booking), 'booking_not_payable');
  });

  test('is another key in the hands of another caller', async () => {
    const [one, other] = [await holder(), await holder()];
    const key = newKey();
    const answers = [
      await one.ada.pay(one.booking, {}, key),
      await other.ada.pay(other.booking, {}, key),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.body.id).not.toBe(answers[1]?.body.id);
  });

  test('is refused for another amount', async () => {
    const { ada, booking } = await holder();
    const key = newKey();
    await ada.pay(booking, {}, key);
    expectRefused(await ada.pay(booking, { amount: 1 }, key), 'idempotency_key_reused');
  });
});
