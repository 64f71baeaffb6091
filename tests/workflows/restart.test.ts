import { requestOf } from '../support/flights';
import { type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

/** Temporal drops what ended long ago: a retry of its key then starts the same workflow again. */
async function startAgain({ request }: Sale): Promise<Sale> {
  return shop.start(request);
}

test('a workflow started again for a booked booking reports it and ends with its flight, selling nothing twice', async () => {
  const sale = await shop.hold();
  await sale.pay();
  const before = await sale.outcome();

  const again = await startAgain(sale);
  expect(await again.outcome()).toEqual(before);
  expect(await again.seats()).toMatchObject({ sold: 1, held: 0 });
  expect(await again.payments()).toHaveLength(1);
});

test('a workflow started again for a cancelled booking reports why it was cancelled, and takes no seat', async () => {
  const sale = await shop.hold();
  await sale.cancel();
  const before = await sale.outcome();

  const again = await startAgain(sale);
  expect(await again.outcome()).toEqual(before);
  expect(await again.seats()).toMatchObject({ free: 6 });
});

test('a workflow started again for a refused booking refuses it again, though there are seats now', async () => {
  const flight = await shop.flight({ seats: 1 });
  const winner = await shop.hold({ on: flight });
  const loser = shop.saleOf(requestOf(flight));
  await shop.reserve(loser.request);
  await winner.cancel();

  const again = await startAgain(loser);
  expect(await again.outcome()).toMatchObject({ cancellationReason: 'seats_unavailable' });
  expect(await again.seats()).toEqual({ free: 1, held: 0, sold: 0 });
});

test('a cancellation that comes while a booked booking is looked up again, whose flight has left, is refused', async () => {
  const sale = await shop.hold();
  await sale.pay();
  await sale.outcome();

  const cancelling = await shop.whileClaimsWait(sale.request.customerId, async () => {
    const again = await startAgain(sale);
    await shop.untilSomeoneWaits();
    return [again.cancel().catch((error: unknown) => error)];
  });
  expect(await shop.saleOf(sale.request).outcome()).toMatchObject({ status: 'booked' });
  expect(await cancelling[0]).toBeInstanceOf(Error);
});
