import { retryPayment } from '../../src/temporal/contracts/booking';
import { refundIn, refusalOf, stateOf, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

afterEach(() => {
  shop.provider.repair();
});

test('a provider that answers again before sales close is paid as if nothing had been', async () => {
  shop.provider.lose('requests', 'authorize');
  const sale = await holdShortlyBeforeSalesClose();
  const paying = sale.pay();
  await stateOf(sale, ({ activity }) => activity === 'paying');
  await shop.env.sleep(30_000);
  shop.provider.repair();
  const ended = sale.outcome();
  expect(await paying).toMatchObject({ outcome: 'captured' });
  expect(await ended).toMatchObject({ status: 'booked' });
});

test('a provider that never hears of a charge until sales close: the booking ends, and nothing was taken', async () => {
  shop.provider.lose('requests', 'authorize');
  const sale = await holdShortlyBeforeSalesClose();
  const paying = await payInVain(sale);

  expect(await sale.outcome()).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'reservation_failed',
  });
  expect(await paying.refusal).toBe('booking_not_payable');
  expect(await sale.refunded()).toMatchObject([{ status: 'nothing_owed' }]);
  expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
  expect(await sale.seats()).toMatchObject({ free: 6 });
});

test('money that was only reserved when sales closed is let go', async () => {
  shop.provider.lose('answers', 'authorize');
  const sale = await holdShortlyBeforeSalesClose();
  const paying = await payInVain(sale);

  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
  expect(await paying.refusal).toBe('booking_not_payable');
  expect(await sale.refunded()).toMatchObject([{ status: 'nothing_owed' }]);
  expect(await sale.payments()).toMatchObject([{ status: 'voided' }]);
  expect(await intentsOf(sale)).toEqual(['voided']);
});

test('money that turns out to have been taken in vain goes back', async () => {
  shop.provider.lose('answers', 'capture');
  const sale = await holdShortlyBeforeSalesClose();
  const paying = await payInVain(sale);

  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
  expect(await paying.refusal).toBe('booking_not_payable');
  expect(await sale.refunded()).toMatchObject([{ status: 'succeeded' }]);
  expect(await intentsOf(sale)).toEqual(['captured']);
  expect(await sale.payments()).toMatchObject([{ status: 'captured', applied: false }]);
  expect(await sale.refunds()).toEqual([
    {
      status: 'succeeded',
      amount: 12_000,
      currency: 'USD',
      reason: 'outcome_unknown',
    },
  ]);
  expect(await sale.seats()).toMatchObject({ free: 6 });
});

test('the provider is asked to capture until sales close, not longer because authorizing took long', async () => {
  const flight = await shop.flight({ departsInMinutes: 70 });
  const salesClose = flight.departureAt.getTime() - 60 * 60_000;
  const sale = await shop.hold({ on: flight });
  shop.provider.lose('requests', 'authorize', 'capture');
  const paying = await payInVain(sale);
  await shop.env.sleep(8 * 60_000);
  shop.provider.repair();
  shop.provider.lose('requests', 'capture');

  await sale.outcome();
  await paying.refusal;
  const { closeTime } = await sale.handle.describe();
  expect(closeTime?.getTime()).toBeLessThan(salesClose + 90_000);
});

test('an operator who has it asked again does not change when it is given up on', async () => {
  const flight = await shop.flight({ departsInMinutes: 62 });
  const salesClose = flight.departureAt.getTime() - 60 * 60_000;
  shop.provider.lose('requests', 'authorize');
  const sale = await shop.hold({ on: flight });
  const paying = await payInVain(sale);
  await shop.env.sleep(70_000);
  const retry = { requestedBy: 'op-7', note: 'The provider said that it is back.' };
  expect(await sale.handle.executeUpdate(retryPayment, { args: [retry] })).toMatchObject({
    activity: 'paying',
  });

  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
  expect(await paying.refusal).toBe('booking_not_payable');
  const { closeTime } = await sale.handle.describe();
  expect(Math.abs((closeTime?.getTime() ?? 0) - salesClose)).toBeLessThan(30_000);
  expect(await sale.refunded()).toMatchObject([{ status: 'nothing_owed' }]);
});

test('money of another service that came in time books instead; what the silent one took goes back', async () => {
  shop.provider.lose('answers', 'capture');
  const sale = await holdShortlyBeforeSalesClose();
  const paying = await payInVain(sale);
  await sale.payExternally();

  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await paying.refusal).toBe('booking_not_payable');
  const [ours] = await sale.payments();
  expect(await refundIn(shop.env, ours?.id ?? '').result()).toMatchObject({ status: 'succeeded' });
  expect(await intentsOf(sale)).toEqual(['captured']);
  expect(await sale.payments()).toMatchObject([{ applied: false }, { applied: true }]);
  expect(await sale.refunds()).toMatchObject([{ status: 'succeeded', reason: 'outcome_unknown' }]);
  expect(await sale.seats()).toMatchObject({ sold: 1 });
});

/** Sales of its flight close in two minutes: so long is a silent provider asked. */
async function holdShortlyBeforeSalesClose(): Promise<Sale> {
  return shop.hold({ on: await shop.flight({ departsInMinutes: 62 }) });
}

/** Pays, and answers once the provider is being asked: from then on time may be skipped. */
async function payInVain(sale: Sale): Promise<{ refusal: Promise<unknown> }> {
  const refusal = refusalOf(sale.pay());
  await stateOf(sale, ({ activity }) => activity === 'paying');
  return { refusal };
}

async function intentsOf(sale: Sale): Promise<string[]> {
  const payments = await sale.payments();
  return shop
    .db('sandbox_provider.payment_intents')
    .whereIn(
      'idempotency_key',
      payments.map(({ id }) => id),
    )
    .pluck('status');
}
