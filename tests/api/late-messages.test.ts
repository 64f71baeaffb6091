import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { idOfKey } from '../../src/api/idempotency';
import { openStorefront, type Storefront } from '../support/api';
import { whileRivalHolds } from '../support/rival';
import {
  openShop,
  refusalOf,
  stateOf,
  STARTING_MS,
  untilSeen,
  type Sale,
  type Shop,
} from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { expectRefused, newKey } from './client';

/** Payments that come while something else is about to be decided, or just has been. */

/** Short enough to be waited for. */
const PAYMENT_WINDOW_SECONDS = 5;

/** So long a message is on its way to Temporal at most. */
const UNDER_WAY_MS = 300;

let shop: Shop;
let store: Storefront;

beforeAll(async () => {
  store = await openStorefront();
  shop = await openShop(devServerEnvironment, {
    paymentWindowSeconds: PAYMENT_WINDOW_SECONDS,
    maxOpenHoldsPerCustomer: 10,
  });
}, 2 * STARTING_MS);

afterAll(async () => {
  await shop.close();
  await store.close();
});

/** Runs `work` with a row or lock taken by someone else, for as long as it takes. */
const whileLocked = <T>(lock: string, ids: string[], work: () => Promise<T>): Promise<T> =>
  whileRivalHolds(store.db, (rival) => rival.raw(lock, ids), work);

test('a payment before there are seats is refused', async () => {
  const id = `customer-${randomUUID()}`;
  const customer = await store.customer(id);
  const flight = await store.flight();
  const key = newKey();
  const lock = 'SELECT pg_advisory_xact_lock(hashtextextended(?, 0))';
  const [creating] = await whileLocked(lock, [id], async () => {
    const created = customer.create(flight, {}, key);
    await store.untilSomeoneWaits();
    const { body } = await customer.read(idOfKey(id, 'bookings', key));
    expect(body.status).toBe('initiated');
    expectRefused(await customer.pay(body), 'booking_not_payable');
    return [created];
  });
  expect(await creating).toMatchObject({ status: 201 });
});

test('a payment while a cancellation is carried out is refused', async () => {
  const customer = await store.customer();
  const { body: booking } = await customer.create(await store.flight());
  const lock = 'SELECT FROM bookings WHERE id = ? FOR UPDATE';
  const [cancelling] = await whileLocked(lock, [booking.id], async () => {
    const cancelled = customer.cancel(booking);
    await store.untilSomeoneWaits();
    expectRefused(await customer.pay(booking), 'booking_not_payable');
    return [cancelled];
  });
  expect(await cancelling).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  expect(await store.db('payments').where({ booking_id: booking.id })).toEqual([]);
});

test('a retry that finds no seat left, because its own first try has just taken it, gets that seat', async () => {
  const id = `customer-${randomUUID()}`;
  const customer = await store.customer(id);
  const flight = await store.flight({ seats: 1 });
  const key = newKey();
  const lock = `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, body)
    VALUES (?, 'bookings', ?, 'rival', 'booking_created', '{}')`;
  const answers = await whileLocked(lock, [id, key], async () => {
    const first = customer.create(flight, {}, key);
    await store.claimsWaiting(1);
    // Who queues behind this waits until the first try has committed: the retry has looked for its
    // key by then, and not yet at the seats.
    const queue = store.db.transaction((rival) =>
      rival.raw('LOCK TABLE airports IN ACCESS EXCLUSIVE MODE'),
    );
    await store.claimsWaiting(2);
    const retry = customer.create(flight, {}, key);
    await store.claimsWaiting(3);
    return [first, retry, queue] as const;
  });
  const [first, retry] = [await answers[0], await answers[1]];
  expect([first.status, retry.status]).toEqual([201, 201]);
  expect(retry.text).toBe(first.text);
});

/**
 * Sends a message while no worker is there, once the deadline of a hold has passed for Temporal,
 * too: the next worker learns of both together.
 */
async function togetherWithTheDeadline<T>(send: (sale: Sale) => Promise<T>) {
  const sale = await shop.hold();
  const hasPassed = async () => {
    const { events } = await sale.handle.fetchHistory();
    return events?.find((event) => event.timerFiredEventAttributes);
  };
  const [sent] = await shop.whileWorkersAreAway(async () => {
    await untilSeen(hasPassed);
    const sending = send(sale);
    await wait(UNDER_WAY_MS);
    return [sending];
  });
  return { sale, sent: await sent };
}

test('a payment that the workflow sees together with the deadline is late', async () => {
  const { sale, sent } = await togetherWithTheDeadline((hold) => refusalOf(hold.pay()));
  expect(sent).toBe('booking_not_payable');
  await stateOf(sale, ({ status }) => status === 'cancelled');
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
});

test('money of another service that the workflow sees together with the deadline is late', async () => {
  const { sale } = await togetherWithTheDeadline((hold) => hold.payExternally());
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await sale.refunds()).toMatchObject([{ reason: 'late' }]);
});
