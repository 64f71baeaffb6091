import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { refundState } from '../../src/temporal/contracts/refund';
import { refundIn, refusalOf, transfer, untilRefund, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

const shop = shopOfSuite(timeSkippingEnvironment);

describe('to a booking:', () => {
  let sale: Sale;

  beforeAll(async () => {
    sale = await shop.hold();
  });

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

  test.each([undefined, null, 'now', {}, { requestedBy: 'op-7' }, { requestedBy: '', note: 'x' }])(
    'retryPayment(%j) is turned down',
    async (retry) => {
      const update = sale.handle.executeUpdate('retryPayment', { args: [retry] });
      expect(await refusalOf(update)).toBe('validation_failed');
    },
  );

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
});

/** Starts a workflow with whatever it is given, and returns why it failed. */
async function failureOf(workflowType: string, request: unknown): Promise<unknown> {
  const { workflow } = shop.env.client;
  const options = { workflowId: `malformed-${randomUUID()}`, taskQueue: 'bookings' };
  try {
    return await workflow.execute(workflowType, { ...options, args: [request] });
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)
      return error.cause.type;
    throw error;
  }
}

describe('a workflow that is started with the wrong shape fails at once:', () => {
  const id = '5a1e0000-0000-4000-8000-000000000001';
  const payment = { bookingId: id, ...transfer({ providerPaymentId: 'transfer-1' }) };

  test.each([
    undefined,
    null,
    id,
    {},
    { paymentId: 'payment-1' },
    { paymentId: id, unapplied: null },
    { paymentId: id, unapplied: { payment } },
    { paymentId: id, unapplied: { payment: { ...payment, bookingId: undefined }, reason: 'late' } },
    { paymentId: id, unapplied: { payment: { ...payment, amount: -1 }, reason: 'late' } },
    { paymentId: id, unapplied: { payment: { ...payment, provider: 'a\u0000' }, reason: 'late' } },
    { paymentId: id, retry: { requestedBy: 'op-7', note: 'x' } },
    { paymentId: id, retry: { requestedBy: 'op-7', messageId: 'm' } },
  ])('refundWorkflow(%j)', async (request) => {
    expect(await failureOf('refundWorkflow', request)).toBe('validation_failed');
  });

  test.each([
    undefined,
    null,
    id,
    {},
    { bookingId: id },
    { bookingId: 'tomorrow', requestedBy: 'customer-1', asOperator: false },
    { bookingId: id, requestedBy: 'customer-1', asOperator: 'no' },
    { bookingId: id, requestedBy: 'customer-1', asOperator: false, reason: 7 },
    { bookingId: id, requestedBy: 'customer-1', asOperator: false, reason: 'Because\u0000' },
  ])('cancellationWorkflow(%j)', async (request) => {
    expect(await failureOf('cancellationWorkflow', request)).toBe('validation_failed');
  });

  const event = { provider: 'stripe', eventId: 'evt_1', type: 'payout.paid' };

  test.each([
    undefined,
    null,
    'evt_1',
    {},
    { ...event, captured: null },
    { ...event, bookingId: null },
    { ...event, bookingId: 'tomorrow', captured: null },
    { ...event, bookingId: id, captured: { ...payment, amount: '12000' } },
    { ...event, bookingId: null, captured: null, eventId: '' },
  ])('providerEventWorkflow(%j)', async (request) => {
    expect(await failureOf('providerEventWorkflow', request)).toBe('validation_failed');
  });

  afterAll(async () => {
    expect(await shop.db('payments').select()).toEqual([]);
    expect(await shop.db('provider_events').select()).toEqual([]);
  });
});

describe('a refund that waits for a person', () => {
  let paymentId: string;

  beforeAll(async () => {
    const payment = { bookingId: randomUUID(), ...transfer() };
    await shop.paymentWorkflows.deliver(payment, () => Promise.resolve(undefined));
    paymentId = externalPaymentId(payment);
    await untilRefund(shop.env, paymentId, 'needs_operator');
  });

  afterEach(async () => {
    expect(await refundIn(shop.env, paymentId).query(refundState)).toMatchObject({
      status: 'needs_operator',
    });
  });

  afterAll(() => refundIn(shop.env, paymentId).terminate());

  test.each([
    undefined,
    null,
    'done',
    {},
    { settledBy: 'operator-1' },
    { settledBy: '', note: 'Sent back.' },
    { settledBy: 'operator-1', note: 'Sent\u0000back.' },
    { settledBy: 7, note: 'Sent back.' },
  ])('is not settled by %j', async (settlement) => {
    const refund = refundIn(shop.env, paymentId);
    const update = refund.executeUpdate('settleRefund', { args: [settlement] });
    expect(await refusalOf(update)).toBe('validation_failed');
  });

  test.each([null, 'now', {}, { requestedBy: 'op-7' }, { requestedBy: 7, note: 'x' }])(
    'is not tried again by %j',
    async (retry) => {
      const refund = refundIn(shop.env, paymentId);
      const update = refund.executeUpdate('retryRefund', { args: [retry] });
      expect(await refusalOf(update)).toBe('validation_failed');
    },
  );

  test('is not tried again for those who say nothing, as they did before: they are told what it takes', async () => {
    const update = refundIn(shop.env, paymentId).executeUpdate('retryRefund');
    await expect(update).rejects.toMatchObject({
      cause: {
        type: 'validation_failed',
        message:
          'retryRefund takes { requestedBy, note }. Missing: requestedBy, note. ' +
          'Example: {"requestedBy":"op-7","note":"the provider is back"}',
      },
    });
  });
});
