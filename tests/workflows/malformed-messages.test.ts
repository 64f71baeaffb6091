import { openShop, refusalOf, STARTING_MS, transfer, type Sale, type Shop } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';

let shop: Shop;
let sale: Sale;

beforeAll(async () => {
  shop = await openShop(timeSkippingEnvironment);
  sale = await shop.hold();
}, STARTING_MS);

afterAll(() => shop.close());

/** Whatever came, the booking waits for its payment as before. */
afterEach(async () => {
  expect(await sale.state()).toMatchObject({ status: 'pending', activity: 'awaiting_payment' });
  expect(await sale.payments()).toEqual([]);
});

test.each([
  ['a payment ID that is no UUID', { paymentId: 'payment-1' }],
  ['an amount in words', { amount: 'twelve thousand' }],
  ['a part of a cent', { amount: 12_000.5 }],
  ['nothing to pay', { amount: 0 }],
  ['no currency', { currency: 'dollars' }],
  ['a control character', { idempotencyKey: 'key\u0000' }],
  ['no payment method', { paymentMethod: '' }],
])('a payment with %s is turned down', async (_fault, details) => {
  expect(await refusalOf(sale.pay(details as never))).toBe('validation_failed');
});

test.each([undefined, null, 'please', [], {}])(
  'makePayment(%j) is turned down',
  async (payment) => {
    const update = sale.handle.executeUpdate('makePayment', { args: [payment] });
    expect(await refusalOf(update)).toBe('validation_failed');
  },
);

test.each([
  ['nobody', { requestedBy: '' }],
  ['an operator in words', { asOperator: 'yes' }],
  ['a reason that is no text', { reason: 7 }],
  ['a control character', { reason: 'Because\u0000' }],
])('a cancellation with %s is turned down', async (_fault, details) => {
  expect(await refusalOf(sale.cancel(details as never))).toBe('validation_failed');
});

test.each([
  undefined,
  null,
  'paid',
  {},
  { ...transfer(), amount: '12000' },
  { ...transfer(), amount: -1 },
  { ...transfer(), currency: 'usd' },
  { ...transfer(), provider: undefined },
  { ...transfer(), providerPaymentId: 'transfer\u0000' },
])('paymentReceived(%j) is left aside', async (payment) => {
  await sale.handle.signal('paymentReceived', payment);
  expect(await sale.state()).toMatchObject({ externalPayments: [] });
});

test('messages that the booking doesn’t know are turned down', async () => {
  await expect(sale.handle.executeUpdate('giveMeAnUpgrade', { args: [] })).rejects.toThrow();
  await sale.handle.signal('hello');
});
