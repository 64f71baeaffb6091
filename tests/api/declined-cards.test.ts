import type { Booking } from '../../src/domain/booking';
import type { ChangeQuote } from '../../src/domain/changes/change';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS } from '../support/shop';
import { expectRefused, newKey, type Client } from './client';
import type { Answer } from './contract';

/**
 * Whoever tries out cards is stopped, over however many bookings; whoever has waited pays with the
 * same key.
 */

let store: Storefront;
let ada: Client;

beforeAll(async () => {
  store = await openStorefront({ limits: { maxDeclinesPerHour: 2 } });
}, STARTING_MS);
afterAll(() => store.close());

const DECLINED = { paymentMethod: 'pm_card_chargeDeclined' };

async function held(): Promise<Booking> {
  return (await ada.create(await store.flight())).body;
}

beforeEach(async () => {
  ada = await store.customer();
  for (let count = 0; count < 2; count += 1)
    expectRefused(await ada.pay(await held(), DECLINED), 'payment_declined');
});

test('after too many declines nothing is charged, whatever the booking, the card or the key', async () => {
  const booking = await held();
  for (const [card, key] of [
    [{}, 'a'],
    [{}, 'a'],
    [DECLINED, 'b'],
  ] as const) {
    const refused = await ada.pay(booking, card, `${booking.id}-${key}`);
    expect(refused.status).toBe(429);
    expect(expectRefused(refused, 'rate_limited').retry).toBe('same_key');
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(3_500);
    expect(seconds).toBeLessThanOrEqual(3_600);
  }
  expect(await store.db('payments').where({ booking_id: booking.id })).toEqual([]);
  const charges = store.db('sandbox_provider.payment_intents').where({ booking_id: booking.id });
  expect(await charges).toEqual([]);
});

test('who has waited pays with the same key, once', async () => {
  const booking = await held();
  await letAnHourPass(booking);
  const key = newKey();
  await untilAllowed(() => ada.pay(booking, {}, key));
  expect(
    await store.db('payments').where({ booking_id: booking.id, status: 'captured' }),
  ).toHaveLength(1);
});

test('who has waited changes a booking with the same key, once', async () => {
  const [flight, other] = [await store.flight(), await store.flight()];
  const bea = await store.customer();
  const { body: booking } = await bea.create(flight);
  expect(await bea.pay(booking)).toMatchObject({ status: 201 });
  for (let count = 0; count < 2; count += 1)
    expectRefused(await bea.pay((await bea.create(flight)).body, DECLINED), 'payment_declined');
  const path = `/api/v1/bookings/${booking.id}`;
  const { body: quote } = await bea.post<ChangeQuote>(`${path}/change-quotes`, {
    slices: [{ replaces: 0, flightIds: [other.id] }],
  });
  await letAnHourPass(booking);
  const wanted = { quoteId: quote.id, paymentMethod: 'pm_card_visa' };
  const key = { 'x-idempotency-key': newKey() };
  await untilAllowed(() => bea.post(`${path}/changes`, wanted, key));
  const { body: changed } = await bea.read(booking.id);
  expect(changed.flight.id).toBe(other.id);
});

/** All but six seconds of an hour, since a customer's cards were declined. */
async function letAnHourPass(booking: Booking): Promise<void> {
  const { by } = (await (await store.operator()).events(booking)).body.data[0] as unknown as {
    by: string;
  };
  await store
    .db('payments')
    .where({ customer_id: by, status: 'declined' })
    .update({ created_at: new Date(Date.now() - 3_594_000) });
}

/** Repeats a request that is refused at first, for a few seconds. */
async function untilAllowed(ask: () => Promise<Answer>): Promise<void> {
  const refused = await ask();
  expectRefused(refused, 'rate_limited');
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(6);
  for (;;) {
    const { status, body } = await ask();
    if (status === 201) return;
    expect(body).toMatchObject({ code: 'rate_limited' });
  }
}
