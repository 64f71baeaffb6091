import { auditBooks } from '../../src/db/audit/auditor';
import { createStripeGateway } from '../../src/payments/stripe/gateway';
import {
  failure,
  intentOf,
  listOf,
  startScriptedStripe,
  type ScriptedStripe,
} from '../payments/scripted-stripe';
import { ADULT_PRICE } from '../support/flights';
import { recordPayment } from '../support/orphaned-payments';
import {
  openShop,
  refusalOf,
  STARTING_MS,
  untilRefund,
  type Sale,
  type Shop,
} from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';

/** A provider that says no for good, and one that was our provider before. */

const CREATE = 'POST /v1/payment_intents';
const LIST = 'GET /v1/payment_intents';
const REFUND = 'POST /v1/refunds';

const CAPTURED = { status: 'succeeded', amount_received: ADULT_PRICE.amount };
const NO = failure(400, { type: 'invalid_request_error', code: 'parameter_invalid' });

let stripe: ScriptedStripe;
let shop: Shop;
/** The shop's workers charge with the sandbox, and know Stripe from before. */
beforeAll(async () => {
  stripe = await startScriptedStripe();
  const gateway = createStripeGateway({ secretKey: 'sk_test_1', apiBase: stripe.url });
  shop = await openShop(timeSkippingEnvironment, { otherProviders: [gateway] });
}, STARTING_MS);

afterEach(() => {
  shop.provider.repair();
});

afterAll(async () => {
  await shop.close();
  await stripe.stop();
});

/** What Stripe has of a payment: its intent, in whatever state. */
function ofPayment(paymentId: string, details: object = {}): object {
  return intentOf(`pi_${paymentId}`, { metadata: { paymentId }, ...details });
}

const retrieveOf = (paymentId: string) => `GET /v1/payment_intents/pi_${paymentId}`;
const captureOf = (paymentId: string) => `POST /v1/payment_intents/pi_${paymentId}/capture`;
const cancelOf = (paymentId: string) => `POST /v1/payment_intents/pi_${paymentId}/cancel`;

/** Puts a charge on record that a provider was asked for before the sandbox took its place. */
const begunAt = async (provider: string, sale: Sale): Promise<string> =>
  (await recordPayment(shop.db, sale, provider)).paymentId;

const statusOf = async (id: string) =>
  (await shop.db('payments').where({ id }).first('status'))?.status;

function asked(route: string) {
  return stripe.requests.filter((request) => request.route === route);
}

describe('a payment that was begun with the provider of before', () => {
  test('is authorized and captured there, and nowhere else', async () => {
    const sale = await shop.hold();
    const payment = await recordPayment(shop.db, sale, 'stripe');
    const { paymentId } = payment;
    const intent = ofPayment(paymentId);
    stripe.script({
      [LIST]: [listOf(), listOf(intent)],
      [CREATE]: intent,
      [retrieveOf(paymentId)]: intent,
      [captureOf(paymentId)]: ofPayment(paymentId, CAPTURED),
    });
    expect(await sale.pay(payment)).toMatchObject({ outcome: 'captured' });
    expect(asked(captureOf(paymentId))).toHaveLength(1);
    const atSandbox = shop.db('sandbox_provider.payment_intents');
    expect(await atSandbox.where({ idempotency_key: paymentId })).toEqual([]);
  });

  test('is looked up there when its booking ends, and what was reserved is let go', async () => {
    const sale = await shop.hold();
    const paymentId = await begunAt('stripe', sale);
    stripe.script({
      [LIST]: listOf(ofPayment(paymentId)),
      [cancelOf(paymentId)]: ofPayment(paymentId, { status: 'canceled' }),
    });
    await sale.cancel();
    expect(await sale.refunded()).toMatchObject([{ status: 'nothing_owed' }]);
    expect(await statusOf(paymentId)).toBe('voided');
    expect(asked(cancelOf(paymentId))).toHaveLength(1);
  });

  test('is given back there, where it was taken', async () => {
    const sale = await shop.hold();
    const paymentId = await begunAt('stripe', sale);
    const taken = ofPayment(paymentId, CAPTURED);
    stripe.script({
      [LIST]: listOf(taken),
      [retrieveOf(paymentId)]: taken,
      [REFUND]: { id: 're_1', amount: 12_000, currency: 'usd', status: 'succeeded' },
    });
    await sale.cancel();
    expect(await sale.refunded()).toMatchObject([{ status: 'succeeded' }]);
    expect(await statusOf(paymentId)).toBe('captured');
    expect(asked(REFUND)).toHaveLength(1);
  });

  test('waits for a person where that provider is not configured, and is never called void', async () => {
    const sale = await shop.hold();
    const paymentId = await begunAt('oldpay', sale);
    await sale.cancel();
    expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'provider_not_configured',
    });
    expect(await statusOf(paymentId)).toBe('processing');
    expect(await sale.refunds()).toMatchObject([{ status: 'needs_operator' }]);
    expect(await sale.seats()).toMatchObject({ free: 6 });
  });

  test('ends its booking when it stands in the way and nobody can ask about it', async () => {
    const sale = await shop.hold();
    const forgotten = await begunAt('oldpay', sale);
    expect(await refusalOf(sale.pay())).toBe('booking_not_payable');
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
    expect(await statusOf(forgotten)).toBe('processing');
    expect(await untilRefund(shop.env, forgotten, 'needs_operator')).toMatchObject({
      whyOperator: 'provider_not_configured',
    });
  });
});

describe('where the provider says no for good', () => {
  /** Stripe is asked, though the sandbox is the provider: the payment was begun there. */
  const begunAtStripe = (sale: Sale) => recordPayment(shop.db, sale, 'stripe');

  test.each([400, 401, 403, 422])(
    '%i to the charge: the customer hears so, and can pay otherwise or cancel',
    async (status) => {
      const sale = await shop.hold();
      stripe.script({ [CREATE]: failure(status, { type: 'invalid_request_error' }) });
      expect(await sale.pay(await begunAtStripe(sale))).toMatchObject({
        outcome: 'declined',
        detail: 'The payment was declined: provider_rejected.',
      });
      expect(asked(CREATE)).toHaveLength(1);
      expect(await sale.cancel()).toMatchObject({ status: 'cancelled' });
      expect(await sale.seats()).toMatchObject({ free: 6 });
    },
  );

  test('to the capture and to letting the money go: the booking ends at once, and a person looks', async () => {
    const sale = await shop.hold();
    const payment = await begunAtStripe(sale);
    const { paymentId } = payment;
    const intent = ofPayment(paymentId);
    stripe.script({
      [LIST]: listOf(intent),
      [CREATE]: intent,
      [retrieveOf(paymentId)]: intent,
      [captureOf(paymentId)]: NO,
      [cancelOf(paymentId)]: NO,
    });
    expect(await refusalOf(sale.pay(payment))).toBe('booking_not_payable');
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
    expect(await sale.seats()).toMatchObject({ free: 6 });
    expect(await untilRefund(shop.env, paymentId, 'needs_operator')).toMatchObject({
      whyOperator: 'provider_rejected',
    });
    expect(await statusOf(paymentId)).toBe('authorized');

    // It is asked again by itself: when the cause has gone, nobody has to do anything.
    stripe.script({
      [LIST]: listOf(intent),
      [cancelOf(paymentId)]: ofPayment(paymentId, { status: 'canceled' }),
    });
    expect(await sale.refunded()).toMatchObject([{ status: 'nothing_owed' }]);
    expect(await statusOf(paymentId)).toBe('voided');
  });

  test('to a look: the booking ends at once, and nothing is called void', async () => {
    const sale = await shop.hold();
    stripe.script({ [LIST]: NO });
    const payment = await begunAtStripe(sale);
    const { paymentId } = payment;
    expect(await refusalOf(sale.pay(payment))).toBe('booking_not_payable');
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'reservation_failed' });
    await untilRefund(shop.env, paymentId, 'needs_operator');
    expect(await statusOf(paymentId)).toBe('processing');
    expect(await auditBooks(shop.db)).toEqual([]);
  });
});
