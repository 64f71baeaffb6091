import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { idOfKey } from '../../src/api/idempotency';
import { openStorefront, type Storefront } from '../support/api';
import { openShop, refusalOf, stateOf, STARTING_MS, type Shop } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { expectRefused, newKey } from './client';

/** Payments that come while something else is about to be decided, or just has been. */

/** Long enough to send messages in, short enough to be waited for. */
const PAYMENT_WINDOW_SECONDS = 10;

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
async function whileLocked<T>(lock: string, ids: string[], work: () => Promise<T>): Promise<T> {
  const rival = await store.db.transaction();
  try {
    await rival.raw('SET LOCAL idle_in_transaction_session_timeout = 0');
    await rival.raw(lock, ids);
    return await work();
  } finally {
    await rival.rollback();
  }
}

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
 * How long before its deadline a workflow is kept busy. It learns what came meanwhile when its task
 * ends, or four fifths of the task's timeout after it began, 2.4 s: by then both have come.
 */
const BUSY_BEFORE_MS = 1_500;

test('a payment that the workflow sees together with the deadline is late', async () => {
  const sale = await shop.hold();
  const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
  // PostgreSQL lets nobody hold a lock for long.
  await wait(deadline - BUSY_BEFORE_MS - Date.now());
  const [paying] = await shop.whileBookingIsLocked(sale, async () => {
    // Busy with money that doesn't fit, the workflow hears neither of the deadline nor of the
    // payment.
    await sale.payExternally({ amount: 1 });
    await shop.untilSomeoneWaits();
    await wait(deadline + 50 - Date.now());
    const paid = refusalOf(sale.pay());
    await wait(300);
    return [paid];
  });
  expect(await paying).toBe('booking_not_payable');
  await stateOf(sale, ({ status }) => status === 'cancelled');
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
});

test('money of another service that the workflow sees together with the deadline is late', async () => {
  const sale = await shop.hold();
  const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
  await wait(deadline - BUSY_BEFORE_MS - Date.now());
  await shop.whileBookingIsLocked(sale, async () => {
    await sale.payExternally({ amount: 1 });
    await shop.untilSomeoneWaits();
    await wait(deadline + 50 - Date.now());
    await sale.payExternally();
    await wait(300);
    return [];
  });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  const reasons = (await sale.refunds()).map(({ reason }) => String(reason));
  expect(reasons.sort()).toEqual(['amount_mismatch', 'late']);
});
