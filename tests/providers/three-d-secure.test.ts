import { randomUUID } from 'node:crypto';
import type { Authorization, Charge, PaymentGateway } from '../../src/payments/gateway';
import { createStripeGateway } from '../../src/payments/stripe/gateway';
import { ADULT_PRICE } from '../support/flights';
import { SECRET_KEY, startLocalStripe, type LocalStripe } from './localstripe';

/** Cards whose bank wants to see the customer: 3-D Secure. */

/** Stripe's test cards. */
const ASKS = '4000002500003155';
const ASKS_THEN_DECLINES = '4000008400001629';

let localStripe: LocalStripe;
let gateway: PaymentGateway;

beforeAll(async () => {
  localStripe = await startLocalStripe();
  gateway = createStripeGateway({ secretKey: SECRET_KEY, apiBase: localStripe.url });
});

afterAll(() => localStripe.stop());

test('the customer is asked, agrees, and the same call then answers the reservation', async () => {
  const charge = await chargeOn(ASKS);
  const asked = await gateway.authorize(charge);
  expect(asked).toMatchObject({
    status: 'requires_action',
    nextAction: { type: 'use_sdk', clientSecret: expect.stringContaining('_secret_') },
  });
  expect(await gateway.authorize(charge)).toEqual(asked);
  expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 'requires_action' });

  await answerBank(asked, { success: true });
  const { providerPaymentId } = asked as { providerPaymentId: string };
  expect(await gateway.authorize(charge)).toEqual({ status: 'authorized', providerPaymentId });
  expect(await gateway.capture(providerPaymentId)).toEqual({ status: 'captured' });
});

test('nothing is captured while the customer hasn’t answered', async () => {
  const asked = await gateway.authorize(await chargeOn(ASKS));
  const { providerPaymentId } = asked as { providerPaymentId: string };
  await expect(gateway.capture(providerPaymentId)).rejects.toThrow('requires_action');
});

test('a customer who fails to identify themselves is declined', async () => {
  const charge = await chargeOn(ASKS);
  await answerBank(await gateway.authorize(charge), { success: false });
  expect(await gateway.authorize(charge)).toEqual({
    status: 'declined',
    declineCode: 'payment_intent_authentication_failure',
  });
});

test('a bank may decline after it has asked', async () => {
  const charge = await chargeOn(ASKS_THEN_DECLINES);
  await answerBank(await gateway.authorize(charge), { success: true });
  expect(await gateway.authorize(charge)).toEqual({
    status: 'declined',
    declineCode: 'card_declined',
  });
});

test('what waits for the customer can be given up', async () => {
  const charge = await chargeOn(ASKS);
  const asked = await gateway.authorize(charge);
  await gateway.void((asked as { providerPaymentId: string }).providerPaymentId);
  expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 'voided' });
  expect(await gateway.authorize(charge)).toEqual({
    status: 'declined',
    declineCode: 'payment_voided',
  });
});

async function chargeOn(number: string): Promise<Charge> {
  const card = { number, exp_month: '12', exp_year: '2040', cvc: '123' };
  const made = await localStripe.post('payment_methods', {
    type: 'card',
    ...Object.fromEntries(Object.entries(card).map(([key, value]) => [`card[${key}]`, value])),
  });
  const { id: paymentMethod } = (await made.json()) as { id: string };
  return { paymentId: randomUUID(), bookingId: randomUUID(), money: ADULT_PRICE, paymentMethod };
}

/** What Stripe's script does in the customer's browser. */
async function answerBank(asked: Authorization, { success }: { success: boolean }): Promise<void> {
  if (asked.status !== 'requires_action' || asked.nextAction.type !== 'use_sdk')
    throw new Error('The customer was not asked');
  await localStripe.post(`payment_intents/${asked.providerPaymentId}/_authenticate`, {
    client_secret: asked.nextAction.clientSecret,
    success: String(success),
  });
}
