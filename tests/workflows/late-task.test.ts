import { setTimeout as wait } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import { Door } from '../support/door';
import { requestOf } from '../support/flights';
import { expectReplayable } from '../support/replay';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Temporal may get to know late what a worker has decided, as while its database can't write. */

/** So long that the clock is looked at again before the deadline. */
const PAYMENT_WINDOW_SECONDS = 22;

/** Shorter than Temporal waits for a worker, which would try again by a right clock. */
const LATE_MS = 2_000;

const doors: { close(): Promise<unknown> }[] = [];
let door: Door;

/** The worker is on the far side of the door. */
const shop = shopOfSuite(
  async () => {
    const env = await devServerEnvironment();
    door = new Door(env.address);
    const connection = await NativeConnection.connect({ address: await door.open() });
    // The other one is closed with the environment.
    doors.push({ close: () => env.nativeConnection.close() }, { close: () => door.shut() });
    return Object.create(env, { nativeConnection: { value: connection } }) as typeof env;
  },
  { paymentWindowSeconds: PAYMENT_WINDOW_SECONDS },
);

afterAll(async () => {
  for (const one of doors) await one.close();
});

test('a hold that Temporal hears of seconds later ends at its deadline all the same', async () => {
  const request = requestOf(await shop.flight());
  const { reservation, goOn } = await shop.whileClaimsWait(request.customerId, async () => {
    const reserving = shop.reserve(request);
    await shop.untilSomeoneWaits();
    return { reservation: reserving, goOn: door.hold() };
  });
  await wait(LATE_MS);
  goOn();
  expect(await reservation).toMatchObject({ outcome: 'held' });
  const sale = shop.saleOf(request);
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  const ended = await shop
    .db('booking_events')
    .where({ booking_id: request.bookingId, type: 'cancelled' })
    .first('occurred_at');
  const deadline = (await sale.row())?.payment_required_by?.getTime() ?? NaN;
  expect((ended?.occurred_at.getTime() ?? NaN) - deadline).toBeLessThan(1_000);
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});
