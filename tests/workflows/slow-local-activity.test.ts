import { setTimeout as wait } from 'node:timers/promises';
import { expectReplayable } from '../support/replay';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** PostgreSQL may be slower than a workflow task: a local activity then outlasts it. */

const PAYMENT_WINDOW_SECONDS = 6;

/** Longer than four fifths of a workflow task's time: then the worker asks for another one. */
const SLOW_MS = 3_000;

const shop = shopOfSuite(devServerEnvironment, { paymentWindowSeconds: PAYMENT_WINDOW_SECONDS });

test('what a provider says of a reported payment while seats are slowly released: any worker can go on with the booking', async () => {
  const sale = await shop.hold();
  const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
  const find = shop.provider.pause('find');
  await sale.payExternally({ provider: 'sandbox', providerPaymentId: 'spi_made-up' });
  await find.reached;
  // PostgreSQL lets nobody hold a lock for long.
  await wait(deadline - 100 - Date.now());
  await shop.whileBookingIsLocked(sale, async () => {
    await shop.untilSomeoneWaits();
    find.letIn();
    await wait(SLOW_MS);
  });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await sale.payments()).toMatchObject([{ status: 'not_found' }]);

  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});
