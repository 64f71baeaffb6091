import type { Booking } from '../../src/domain/booking';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS } from '../support/shop';
import { expectRefused, newKey, type Client } from './client';

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
  const { by } = (await (await store.operator()).events(booking)).body.data[0] as unknown as {
    by: string;
  };
  // An hour since the declines is over in six seconds.
  await store
    .db('payments')
    .where({ customer_id: by, status: 'declined' })
    .update({ created_at: new Date(Date.now() - 3_594_000) });
  const key = newKey();
  const refused = await ada.pay(booking, {}, key);
  expectRefused(refused, 'rate_limited');
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(6);
  for (;;) {
    const { status, body } = await ada.pay(booking, {}, key);
    if (status === 201) break;
    expect(body).toMatchObject({ code: 'rate_limited' });
  }
  expect(
    await store.db('payments').where({ booking_id: booking.id, status: 'captured' }),
  ).toHaveLength(1);
});
