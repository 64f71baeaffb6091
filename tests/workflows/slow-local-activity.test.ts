import { setTimeout as wait } from 'node:timers/promises';
import { passengerIdOf } from '../../src/domain/passenger-id';
import { correctName } from '../../src/temporal/contracts/amendment';
import { requestOf } from '../support/flights';
import { expectReplayable } from '../support/replay';
import type { Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** PostgreSQL may be slower than a workflow task: a local activity then outlasts it. */

const PAYMENT_WINDOW_SECONDS = 6;

/** Longer than four fifths of a workflow task's time: then the worker asks for another one. */
const SLOW_MS = 3_000;

/** The workflow looks at it in the same task as what it was told just before the deadline. */
const PAST_DEADLINE_MS = 500;

/** Shorter than that: the workflow goes on in the same task. */
const LESS_THAN_A_TASK_MS = 2_000;

const CUT_WHO_WAITS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

const shop = shopOfSuite(devServerEnvironment, { paymentWindowSeconds: PAYMENT_WINDOW_SECONDS });

test('what a provider says of a reported payment while seats are slowly released: any worker can go on with the booking', async () => {
  const sale = await shop.hold();
  const find = shop.provider.pause('find');
  await sale.payExternally({ provider: 'sandbox', providerPaymentId: 'spi_made-up' });
  await find.reached;
  await shop.whileBookingIsLocked(sale, async () => {
    // The hold is to be released at its deadline.
    await shop.untilSomeoneWaits();
    find.letIn();
    await wait(SLOW_MS);
  });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await sale.payments()).toMatchObject([{ status: 'not_found' }]);

  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});

test('money of another service that came in time, while a name was slowly corrected past the deadline, pays: any worker can go on with the booking', async () => {
  const sale = await shop.hold();
  const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
  await wait(deadline - SLOW_MS - Date.now());
  const [renaming] = await shop.whileBookingIsLocked(sale, async () => {
    const renamed = rename(sale);
    await shop.untilSomeoneWaits();
    // It comes with the next workflow task, which goes on beyond the deadline.
    await sale.payExternally();
    await wait(deadline + PAST_DEADLINE_MS - Date.now());
    return [renamed];
  });
  await renaming;
  expect(await sale.settled()).toMatchObject({ status: 'booked' });
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});

/** Has the name of the passenger corrected. */
function rename({ handle, request: { bookingId, customerId } }: Sale) {
  return handle.executeUpdate(correctName, {
    args: [
      {
        requestedBy: customerId,
        asOperator: false,
        fingerprint: 'fingerprint',
        passengerId: passengerIdOf(bookingId, 0),
        givenName: 'Adam',
      },
    ],
  });
}

/** How late a hold was released. */
async function latenessOf({ row, request: { bookingId } }: Sale): Promise<number> {
  const released = await shop
    .db('booking_events')
    .where({ booking_id: bookingId, type: 'cancelled' })
    .first('occurred_at');
  const deadline = (await row())?.payment_required_by;
  return (released?.occurred_at.getTime() ?? NaN) - (deadline?.getTime() ?? NaN);
}

test.each([
  ['took its time', false],
  ['took its time, and failed first', true],
])('a hold whose claim %s ends at its deadline all the same', async (_, fails) => {
  const request = requestOf(await shop.flight());
  const [reserving] = await shop.whileClaimsWait(request.customerId, async () => {
    const reservation = shop.reserve(request);
    await shop.untilSomeoneWaits();
    await wait(LESS_THAN_A_TASK_MS);
    if (fails) await shop.db.raw(CUT_WHO_WAITS);
    return [reservation];
  });
  expect(await reserving).toMatchObject({ outcome: 'held' });
  const sale = shop.saleOf(request);
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await latenessOf(sale)).toBeLessThan(1_000);
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});

test('so does one whose passenger was renamed meanwhile, by a try that failed first', async () => {
  const sale = await shop.hold();
  const [renaming] = await shop.whileBookingIsLocked(sale, async () => {
    const renamed = rename(sale);
    await shop.untilSomeoneWaits();
    await wait(LESS_THAN_A_TASK_MS);
    await shop.db.raw(CUT_WHO_WAITS);
    return [renamed];
  });
  await renaming;
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await latenessOf(sale)).toBeLessThan(1_000);
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});
