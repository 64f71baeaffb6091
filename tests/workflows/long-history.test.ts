import type { BookingState } from '../../src/temporal/contracts/booking';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
  FlightNumberAttribute,
} from '../../src/temporal/contracts/search-attributes';
import { stateOf, untilSeen, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Far fewer events than Temporal's own limit, and more than a sale has. */
const LONG = { 'limit.historyCount.suggestContinueAsNew': 60 };

const shop = shopOfSuite(() => devServerEnvironment(LONG));

/** Sends a sold booking money that it can't take, until another run has taken over. */
async function filled(sale: Sale): Promise<void> {
  const { runId } = await sale.handle.describe();
  await untilSeen(async () => {
    await sale.payExternally();
    await untilSeen(async () => {
      const { externalPayments } = await sale.state();
      return externalPayments.some(({ status }) => status === 'waiting') ? undefined : true;
    });
    const now = await sale.handle.describe();
    return now.runId === runId ? undefined : now;
  });
}

test('a sold booking with a long history begins anew: operators find it as before, and it can be cancelled', async () => {
  const sale = await shop.sell();
  await sale.handle.terminate();
  await shop.restore(sale);
  const before = await sale.handle.describe();
  await filled(sale);

  // The new run first reads the booking.
  const isRead = ({ status }: BookingState) => status === 'booked';
  expect(await stateOf(sale, isRead)).toMatchObject({ activity: 'awaiting_departure' });
  const after = await sale.handle.describe();
  for (const key of [
    BookingStatusAttribute,
    BookingReferenceAttribute,
    FlightNumberAttribute,
    DepartureTimeAttribute,
  ])
    expect(after.typedSearchAttributes.get(key as never)).toEqual(
      before.typedSearchAttributes.get(key as never),
    );
  expect(after.memo).toEqual(before.memo);
  // Tasks of its flight don't hold up those of others, whatever run they are of.
  for (const { priority } of [before, after])
    expect(priority?.fairnessKey).toBe(sale.request.flightId);

  expect(await shop.cancelSale(sale)).toMatchObject({ outcome: 'cancelled' });
  expect(await sale.seats()).toMatchObject({ sold: 0 });
});
