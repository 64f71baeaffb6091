import { setTimeout as wait } from 'node:timers/promises';
import type { CrashShop } from '../crash-shop';
import { openAll, untilReached, type Gate } from '../gates';
import type { Holder } from '../shopper';
import { openForAllTests } from '../whole-file';

/**
 * A hold ends within 2 s of its deadline; when nobody was there then, within 2 s of the worker's
 * return.
 */

const GRACE_MS = 2_000;

/**
 * Long enough to make a dozen bookings and bring them to their places, short enough to be waited
 * for.
 */
const PAYMENT_WINDOW_SECONDS = 20;

let shop: CrashShop;

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});

function holders(count: number): Promise<Holder[]> {
  return Promise.all(Array.from({ length: count }, () => shop.holder()));
}

function holdUpReleases(group: Holder[]): Promise<Gate[]> {
  return Promise.all(group.map(({ bookingId }) => shop.gates.seatsOf(bookingId)));
}

async function expectPunctual(group: Holder[], recoveredAt: number): Promise<void> {
  const statuses = await Promise.all(group.map((holder) => shop.settled(holder)));
  expect(new Set(statuses)).toEqual(new Set(['cancelled']));
  const bookingIds = group.map(({ bookingId }) => bookingId);
  const lateMs = await shop.lateness(bookingIds, recoveredAt);
  console.log(`Late after the worker's return, in ms: ${lateMs.join(' ')}`);
  expect(Math.max(...lateMs)).toBeLessThan(GRACE_MS);
}

test('the worker is killed at the deadline, before or after the release is committed; others come due while none is there', async () => {
  const [rolledBack, committed] = [await holders(4), await holders(4)];
  await wait(1_500);
  const missed = await holders(8);
  const gates = {
    rolledBack: await holdUpReleases(rolledBack),
    committed: await holdUpReleases(committed),
    // Those that come due before the worker is dead.
    missed: await holdUpReleases(missed),
  };
  await untilReached([...gates.rolledBack, ...gates.committed]);
  const silence = await shop.silenceCommits();
  await openAll(gates.committed);
  await silence.reached(committed.length);
  const killed = shop.kill('worker');
  await silence.end();
  await openAll([...gates.rolledBack, ...gates.missed]);

  const recoveredAt = await shop.untilWorkerIsBack(killed);
  // What was committed was on time: its workflow has only to hear of it.
  await Promise.all(committed.map((holder) => shop.settled(holder)));
  await expectPunctual([...rolledBack, ...missed], recoveredAt);
});

test('everything is switched off past the deadlines, and every answer is still there afterwards', async () => {
  const unpaid = await holders(6);
  const payer = await shop.holder();
  const paid = await payer.pay(payer.booking);
  const deadlines = unpaid.map(({ booking }) => Date.parse(booking.paymentRequiredBy ?? ''));
  const recoveredAt = await shop.restart(async () => {
    await wait(Math.max(...deadlines) - Date.now());
  });
  await expectPunctual(unpaid, recoveredAt);

  const again = await payer.pay(payer.booking);
  expect(again.text).toBe(paid.text);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await payer.read()).toMatchObject({ status: 'booked' });
  for (const holder of unpaid) {
    expect(await holder.read()).toMatchObject({ cancellationReason: 'payment_expired' });
    expect(await holder.seats()).toEqual({ free: 6, held: 0, sold: 0 });
  }
});

test('after all of it the books agree, with one another and with the workflows', async () => {
  expect(await shop.audit()).toEqual([]);
});
