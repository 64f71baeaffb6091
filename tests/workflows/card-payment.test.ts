import { randomUUID } from 'node:crypto';
import { MAX_DECLINES } from '../../src/domain/payment';
import { refusalOf } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

test('a payment books the seats', async () => {
  const sale = await shop.hold();
  expect(await sale.pay()).toMatchObject({
    outcome: 'captured',
    payment: { status: 'captured', bookingStatus: 'booked', amount: 12_000, currency: 'USD' },
  });
  expect(await sale.outcome()).toMatchObject({ status: 'booked', cancellationReason: null });
  expect(await sale.seats()).toEqual({ free: 5, held: 0, sold: 1 });
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'closed' });
});

test('a payment that is sent again gets its first answer, also after the booking has closed', async () => {
  const sale = await shop.hold();
  const payment = { paymentId: randomUUID() };
  const first = await sale.pay(payment);
  await sale.outcome();
  expect(await sale.pay(payment)).toEqual(first);
  expect(await sale.payments()).toHaveLength(1);
});

test('a declined card puts no seat at risk: the hold stays, and another card books it', async () => {
  const sale = await shop.hold();
  expect(await sale.pay({ paymentMethod: 'pm_card_chargeDeclined' })).toMatchObject({
    outcome: 'declined',
    detail: expect.stringContaining('generic_decline') as string,
  });
  expect(await sale.state()).toMatchObject({ activity: 'awaiting_payment', declinedPayments: 1 });
  expect(await sale.seats()).toMatchObject({ held: 1 });

  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  const payments = await sale.payments();
  expect(payments.map(({ status }) => status)).toEqual(['declined', 'captured']);
});

test('after ten declined cards the booking takes no more', async () => {
  const sale = await shop.hold();
  for (let declines = 0; declines < MAX_DECLINES; declines += 1) {
    await sale.pay({ paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' });
  }
  expect(await refusalOf(sale.pay())).toBe('too_many_declines');
  expect(await sale.payments()).toHaveLength(MAX_DECLINES);
});

test.each([
  ['amount_mismatch', { amount: 11_999 }],
  ['amount_mismatch', { currency: 'EUR' }],
  ['booking_not_found', { customerId: 'someone-else' }],
] as const)('a payment with a wrong detail is refused with %s: %j', async (code, details) => {
  const sale = await shop.hold();
  expect(await refusalOf(sale.pay(details))).toBe(code);
  expect(await sale.payments()).toEqual([]);
  expect(await sale.state()).toMatchObject({ activity: 'awaiting_payment' });
});

test('a payment whose key has paid for another booking is refused, and both bookings are as they were', async () => {
  const one = await shop.hold();
  const { customerId } = one.request;
  const other = await shop.hold({ customerId });
  const payment = { paymentId: randomUUID(), idempotencyKey: 'order-7' };
  await one.pay(payment);

  expect(await refusalOf(other.pay(payment))).toBe('idempotency_key_reused');
  expect(await other.state()).toMatchObject({ activity: 'awaiting_payment' });
  expect(await other.pay()).toMatchObject({ outcome: 'captured' });
});

test('a second payment while one is being made is refused, and charges nothing', async () => {
  const sale = await shop.hold();
  const authorization = shop.provider.pause('authorize');
  const first = sale.pay();
  await authorization.reached;

  expect(await sale.state()).toMatchObject({ activity: 'paying' });
  expect(await refusalOf(sale.pay())).toBe('payment_in_progress');

  authorization.letIn();
  expect(await first).toMatchObject({ outcome: 'captured' });
  expect(await sale.payments()).toHaveLength(1);
});

test('of ten payments at once, one is charged, and everyone gets an answer', async () => {
  const sale = await shop.hold();
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => sale.pay()));
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await sale.payments()).toHaveLength(1);
});

test.each(['pm_sandbox_timeout', 'pm_sandbox_error'])(
  'a provider that fails twice takes the money once: %s',
  async (paymentMethod) => {
    const sale = await shop.hold();
    expect(await sale.pay({ paymentMethod })).toMatchObject({ outcome: 'captured' });
    const [payment] = await sale.payments();
    const charges = shop
      .db('sandbox_provider.payment_intents')
      .where({ idempotency_key: payment?.id ?? '' });
    expect(await charges.select('status', 'amount')).toEqual([
      { status: 'captured', amount: 12_000 },
    ]);
  },
);
