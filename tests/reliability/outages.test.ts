import type { Part } from '../support/dev-stack';
import type { CrashShop } from './crash-shop';
import { openForAllTests } from './whole-file';

/** Parts of the system that are there and don't answer, for longer than a client waits. */

/** Far longer than a part stays silent: no deadline is waited for here. */
const PAYMENT_WINDOW_SECONDS = 600;

let shop: CrashShop;

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});

/** Runs `work` while a part stands still: it takes connections, and answers nothing. */
async function whileStopped<T>(part: Part, work: () => Promise<T>): Promise<T> {
  const pid = shop.stack.pidOf(part);
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

test('while no worker answers, a booking is accepted and a payment is not; both are made on a retry', async () => {
  const [newcomer, holder] = [await shop.shopper(), await shop.holder()];
  await whileStopped('worker', async () => {
    const [accepted, unpaid] = await Promise.all([
      newcomer.client.create(newcomer.flight, {}, newcomer.bookingKey),
      holder.client.pay(holder.booking, {}, holder.paymentKey),
    ]);
    expect(accepted).toMatchObject({
      status: 202,
      body: { id: newcomer.bookingId, status: 'initiated', paymentRequiredBy: null },
    });
    expect(accepted.headers.get('location')).toBe(`/api/v1/bookings/${newcomer.bookingId}`);
    // Nothing of the payment is on record, so that nothing is promised.
    expect(unpaid).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    expect(await newcomer.client.read(newcomer.bookingId)).toMatchObject({
      status: 200,
      body: { status: 'initiated' },
    });
  });
  expect(await newcomer.create()).toMatchObject({
    status: 201,
    body: { id: newcomer.bookingId, status: 'pending' },
  });
  expect(await holder.pay(holder.booking)).toMatchObject({ status: 201 });
  expect(await holder.charges()).toEqual(['captured']);
});

test('a provider that is slower than the client’s time limit: 202 once the payment is on record, then its outcome', async () => {
  const holder = await shop.holder();
  const door = await shop.gates.provider(holder.paymentId, 'authorize');
  const first = await holder.client.pay(holder.booking, {}, holder.paymentKey);
  expect(first).toMatchObject({
    status: 202,
    body: { id: holder.paymentId, status: 'processing', bookingStatus: 'pending' },
  });
  await door.open();
  expect(await holder.pay(holder.booking)).toMatchObject({ status: 201 });
  expect(await holder.charges()).toEqual(['captured']);
});

test('while Temporal does not answer, nothing is promised and nothing is written; a retry is served', async () => {
  const [newcomer, holder] = [await shop.shopper(), await shop.holder()];
  await whileStopped('temporal', async () => {
    const [created, paid] = await Promise.all([
      newcomer.client.create(newcomer.flight, {}, newcomer.bookingKey),
      holder.client.pay(holder.booking, {}, holder.paymentKey),
    ]);
    expect([created, paid]).toMatchObject([
      { status: 503, body: { code: 'service_unavailable' } },
      { status: 503, body: { code: 'service_unavailable' } },
    ]);
    expect(created.headers.get('retry-after')).toBe('1');
    expect(await shop.db('bookings').where({ id: newcomer.bookingId })).toEqual([]);
    expect(await shop.db('payments').where({ id: holder.paymentId })).toEqual([]);
    expect(await holder.client.read(holder.bookingId)).toMatchObject({ status: 200 });
  });
  expect(await newcomer.create()).toMatchObject({ status: 201, body: { status: 'pending' } });
  expect(await holder.pay(holder.booking)).toMatchObject({ status: 201 });
  expect(await holder.charges()).toEqual(['captured']);
});

test('while PostgreSQL does not answer, every request is 503 and nothing is lost', async () => {
  const [newcomer, holder] = [await shop.shopper(), await shop.holder()];
  await whileStopped('postgres', async () => {
    // The server that stands still lets no one in; those who are in already go on until they are
    // put out.
    await shop.db.raw(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name LIKE 'flight-bookings-%' OR application_name = 'sandbox-payment-provider'`,
    );
    const answers = await Promise.all([
      newcomer.client.create(newcomer.flight, {}, newcomer.bookingKey),
      holder.client.pay(holder.booking, {}, holder.paymentKey),
      holder.client.cancel(holder.booking),
      holder.client.read(holder.bookingId),
      newcomer.client.get(`/api/v1/flights/${newcomer.flight.id}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  });
  expect(await newcomer.create()).toMatchObject({ status: 201, body: { status: 'pending' } });
  expect(await holder.read()).toMatchObject({ status: 'pending' });
  expect(await holder.pay(holder.booking)).toMatchObject({ status: 201 });
  expect(await holder.charges()).toEqual(['captured']);
});

test('after all of it the books agree, with one another and with the workflows', async () => {
  expect(await shop.audit()).toEqual([]);
});
