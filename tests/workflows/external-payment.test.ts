import { requestOf } from '../support/flights';
import { stateOf, transfer } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

test('a report of a payment that fits books the seats', async () => {
  const sale = await shop.hold();
  await sale.payExternally();
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.seats()).toMatchObject({ sold: 1 });
  expect(await sale.payments()).toMatchObject([
    { status: 'captured', applied: true, provider: 'bank', amount: 12_000, currency: 'USD' },
  ]);
  expect(await sale.refunds()).toEqual([]);
});

test('a report that comes before the seats are held is kept until they are', async () => {
  const sale = await shop.startExternallyPaid(requestOf(await shop.flight()));
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.payments()).toMatchObject([{ applied: true }]);
});

test('money for a booking that gets no seats is recorded, to be given back', async () => {
  const sale = await shop.startExternallyPaid(
    requestOf(await shop.flight({ departsInMinutes: 59 })),
  );
  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'flight_closed' });
  expect(await sale.refunds()).toEqual([
    { status: 'needs_operator', amount: 12_000, currency: 'USD', reason: 'booking_cancelled' },
  ]);
});

test.each([{ amount: 11_999 }, { currency: 'EUR' }])(
  'money that is not the price is recorded, to be given back, and the hold goes on: %j',
  async (wrong) => {
    const sale = await shop.hold();
    await sale.payExternally(wrong);
    await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'not_applied');

    expect(await sale.state()).toMatchObject({ status: 'pending', activity: 'awaiting_payment' });
    expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
    await sale.outcome();
    expect(await sale.refunds()).toEqual([
      { status: 'needs_operator', ...transferred(wrong), reason: 'amount_mismatch' },
    ]);
  },
);

test('the same report twice is one payment', async () => {
  const sale = await shop.hold();
  const news = transfer();
  await Promise.all([sale.payExternally(news), sale.payExternally(news)]);
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.payments()).toHaveLength(1);
  expect(await sale.refunds()).toEqual([]);
});

test('of two payments that others took, one books and the other is owed back', async () => {
  const sale = await shop.hold();
  await shop.whileBookingIsLocked(sale, async () => {
    await Promise.all([sale.payExternally(), sale.payExternally()]);
  });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  const payments = await sale.payments();
  // The second may have found the workflow gone: then its sender was told, and posts the event
  // instead.
  expect(payments.filter(({ applied }) => applied)).toHaveLength(1);
  expect(await sale.refunds()).toHaveLength(payments.length - 1);
});

describe('while our own charge runs', () => {
  test('other money waits; if our card is captured, the other money is owed back', async () => {
    const sale = await shop.hold();
    const authorization = shop.provider.pause('authorize');
    const paying = sale.pay();
    await authorization.reached;
    await sale.payExternally();
    await stateOf(sale, ({ externalPayments }) => externalPayments[0]?.status === 'waiting');
    authorization.letIn();

    expect(await paying).toMatchObject({ outcome: 'captured' });
    await sale.outcome();
    expect(await sale.payments()).toHaveLength(2);
    expect(await sale.refunds()).toMatchObject([
      { status: 'needs_operator', reason: 'second_payment' },
    ]);
  });

  test('other money waits; if our card is declined, it books', async () => {
    const sale = await shop.hold();
    const authorization = shop.provider.pause('authorize');
    const paying = sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
    await authorization.reached;
    await sale.payExternally();
    authorization.letIn();

    expect(await paying).toMatchObject({ outcome: 'declined' });
    expect(await sale.outcome()).toMatchObject({ status: 'booked' });
    expect(await sale.refunds()).toEqual([]);
  });

  test('an operator’s cancellation that came first goes first, and other money is owed back', async () => {
    const sale = await shop.hold();
    const authorization = shop.provider.pause('authorize');
    const paying = sale.pay({ paymentMethod: 'pm_card_chargeDeclined' });
    await authorization.reached;
    await sale.handle.cancel();
    await stateOf(sale, ({ activity }) => activity === 'paying');
    await sale.payExternally();
    authorization.letIn();
    await paying;

    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'operator_request' });
    expect(await sale.refunds()).toMatchObject([{ reason: 'booking_cancelled' }]);
  });
});

test('money that comes after the deadline, while seats are being put back, is recorded', async () => {
  const sale = await shop.hold();
  const deadline = Date.parse((await sale.state()).paymentRequiredBy ?? '');
  const skipping = await shop.whileBookingIsLocked(sale, async () => {
    const skipped = shop.env.sleep(deadline - (await shop.env.currentTimeMs()));
    await shop.untilSomeoneWaits();
    await sale.payExternally();
    return [skipped];
  });
  await Promise.all(skipping);

  expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await sale.refunds()).toMatchObject([{ status: 'needs_operator', reason: 'late' }]);
  expect(await sale.seats()).toMatchObject({ free: 6 });
});

test('money that has paid for one booking pays for no other one', async () => {
  const news = transfer();
  const one = await shop.hold();
  await one.payExternally(news);
  expect(await one.outcome()).toMatchObject({ status: 'booked' });

  const other = await shop.hold();
  await other.payExternally(news);
  await stateOf(other, ({ externalPayments }) => externalPayments[0]?.status === 'not_applied');
  expect(await other.seats()).toMatchObject({ held: 1 });
  expect(await other.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
  expect(await other.payments()).toEqual([]);
});

test('a report of our own charge changes nothing', async () => {
  const sale = await shop.hold();
  const capture = shop.provider.pause('capture');
  const paying = sale.pay();
  await capture.reached;
  await sale.payExternally({ provider: 'sandbox', providerPaymentId: await sale.chargeId() });
  capture.letIn();
  expect(await paying).toMatchObject({ outcome: 'captured' });
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.payments()).toHaveLength(1);
  expect(await sale.refunds()).toEqual([]);
});

function transferred(details: { amount?: number; currency?: string }) {
  const { amount, currency } = transfer(details);
  return { amount, currency };
}
