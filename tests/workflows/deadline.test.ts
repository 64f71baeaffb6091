import type { PaymentResult } from '../../src/temporal/contracts/booking';
import { type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** Design, §4: a hold ends within two seconds of its deadline. */
const PUNCTUAL_MS = 2_000;

/** Between the skip and the deadline a payment is accepted, also where a step takes seconds. */
const SHORTLY_MS = 30_000;

const shop = shopOfSuite(timeSkippingEnvironment);

test('seats that nobody pays for go back on sale at the deadline, and not before', async () => {
  const sale = await shop.hold();
  const deadline = await deadlineOf(sale);

  await skipTo(deadline - 5_000);
  expect(await sale.state()).toMatchObject({ status: 'pending', activity: 'awaiting_payment' });
  expect(await sale.seats()).toMatchObject({ held: 1 });

  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'payment_expired',
  });
  await expectPunctual(sale, deadline);
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
  expect(await sale.row()).toMatchObject({ cancellation_reason: 'payment_expired' });
});

test('a hold made shortly before sales close ends when they do', async () => {
  const flight = await shop.flight({ departsInMinutes: 65 });
  const sale = await shop.hold({ on: flight });
  const salesClose = flight.departureAt.getTime() - 60 * 60_000;
  expect(await deadlineOf(sale)).toBe(salesClose);
  await sale.outcome();
  await expectPunctual(sale, salesClose);
});

test('declined cards don’t buy time: the deadline stays', async () => {
  const sale = await shop.hold();
  const deadline = await deadlineOf(sale);
  await skipTo(deadline - 60_000);
  await sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  await expectPunctual(sale, deadline);
});

test('a payment accepted just before the deadline is honoured, however long the provider takes', async () => {
  const sale = await shop.hold();
  const deadline = await deadlineOf(sale);
  await skipTo(deadline - SHORTLY_MS);
  const { letIn, paying } = await payAtSilentProvider(sale);

  await skipTo(deadline + 60_000);
  expect(await sale.seats()).toMatchObject({ free: 5 });
  letIn();

  expect(await paying).toMatchObject({ outcome: 'captured' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
});

test('a card declined after the deadline leaves no time for another one', async () => {
  const sale = await shop.hold();
  const deadline = await deadlineOf(sale);
  await skipTo(deadline - SHORTLY_MS);
  const { letIn, paying } = await payAtSilentProvider(sale, 'pm_card_chargeDeclined');
  await skipTo(deadline + 60_000);
  letIn();

  expect(await paying).toMatchObject({ outcome: 'declined' });
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
});

test('a payment that comes while seats are being put back is not accepted', async () => {
  const sale = await shop.hold();
  const deadline = await deadlineOf(sale);
  const [paying, skipping] = await shop.whileBookingIsLocked(sale, async () => {
    const skipped = skipTo(deadline);
    await shop.untilSomeoneWaits();
    return [sale.pay().catch((error: unknown) => error), skipped];
  });
  await skipping;
  expect(await paying).toBeInstanceOf(Error);
  expect(await sale.payments()).toEqual([]);
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
});

/** Pays; resolves once the provider has been asked, which says nothing until it is let in. */
async function payAtSilentProvider(
  sale: Sale,
  paymentMethod = 'pm_card_visa',
): Promise<{ letIn: () => void; paying: Promise<PaymentResult> }> {
  const authorization = shop.provider.pause('authorize');
  const paying = sale.pay({ paymentMethod });
  const tooSoon = paying.then((result) => {
    throw new Error(`Nobody asked the provider: ${JSON.stringify(result)}`);
  });
  await Promise.race([authorization.reached, tooSoon]);
  return { letIn: authorization.letIn, paying };
}

async function deadlineOf(sale: Sale): Promise<number> {
  return Date.parse((await sale.state()).paymentRequiredBy ?? '');
}

/** By the workflow's own record: the environment's clock runs on to whatever is due next. */
async function expectPunctual(sale: Sale, deadline: number): Promise<void> {
  const { closeTime } = await sale.handle.describe();
  const lateMs = (closeTime?.getTime() ?? 0) - deadline;
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(PUNCTUAL_MS);
}

async function skipTo(instantMs: number): Promise<void> {
  await shop.env.sleep(instantMs - (await shop.env.currentTimeMs()));
}
