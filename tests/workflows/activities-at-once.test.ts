import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { ExternalPaymentReport } from '../../src/temporal/contracts/booking';
import { transfer } from '../support/shop';
import { expectReplayable } from '../support/replay';
import { timeSkippingEnvironment } from '../support/temporal';
import { beginRival } from '../support/rival';
import { shopOfSuite } from './suite';

/**
 * Steps of one booking may run at once, and end in another order than they began. Whichever worker
 * goes on with the booking reads from its history how it went, and has to come to the same.
 */

const shop = shopOfSuite(timeSkippingEnvironment);

/**
 * Puts a row where a piece of news is about to be recorded, and doesn't commit it: who records the
 * news waits.
 */
async function holdUp(
  news: ExternalPaymentReport,
  bookingId: string,
): Promise<() => Promise<void>> {
  const rival = await beginRival(shop.db);
  await rival('payments').insert({
    id: randomUUID(),
    booking_id: bookingId,
    status: 'captured',
    amount: 1,
    currency: 'USD',
    provider: news.provider,
    provider_payment_id: news.providerPaymentId,
    captured_at: new Date(),
  });
  return async () => {
    await rival.rollback();
  };
}

test('a report that comes before a payment, and is on record only after it: any worker can continue the booking', async () => {
  const sale = await shop.hold();
  const { bookingId } = sale.request;
  const [busy, slow] = [transfer({ amount: 1 }), transfer({ amount: 1 })];
  const releaseBusy = await holdUp(busy, bookingId);
  const releaseSlow = await holdUp(slow, bookingId);
  await sale.payExternally(busy);
  await shop.untilSomeoneWaits();
  // The workflow has its hands full: both of these come to its next task, when they have reached
  // Temporal.
  await sale.payExternally(slow);
  const paying = sale.pay();
  await wait(1_000);
  await releaseBusy();
  const charges = () => shop.db('payments').where({ booking_id: bookingId, provider: 'sandbox' });
  while ((await charges()).length === 0);
  await releaseSlow();
  await paying;
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });

  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});
