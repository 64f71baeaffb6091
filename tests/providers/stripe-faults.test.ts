import { randomUUID } from 'node:crypto';
import { ProviderUnavailable, type Charge, type PaymentGateway } from '../../src/payments/gateway';
import { createStripeGateway } from '../../src/payments/stripe/gateway';
import { ALL_EXPLAINED } from '../support/provider';
import { ADULT_PRICE } from '../support/flights';
import { openDoor, type Door } from './door';
import { SECRET_KEY, startLocalStripe, type LocalStripe } from './localstripe';
import { startNetwork, type Network } from './toxiproxy';

/**
 * A network that loses Stripe's answers, at a Stripe that doesn't heed keys: whatever happens, the
 * card is charged once.
 */

let localStripe: LocalStripe;
let network: Network;
let door: Door;
let gateway: PaymentGateway;
/** Gives up soon: for calls whose answer never comes. */
let hasty: PaymentGateway;

beforeAll(async () => {
  localStripe = await startLocalStripe();
  network = await startNetwork(localStripe.port);
  door = await openDoor(network.url);
  gateway = gatewayThatWaits();
  hasty = gatewayThatWaits(700);
});

afterEach(() => network.repair());

afterAll(async () => {
  await door.close();
  await network.stop();
  await localStripe.stop();
});

describe.each(['reset_peer', 'timeout'] as const)('an answer that is lost by %s', (fault) => {
  /**
   * Makes a call whose request gets through and whose answer doesn't, and repairs the network after
   * it.
   */
  async function loseAnswer(call: () => Promise<unknown>): Promise<void> {
    door.beforeNextChange(() => network.trouble(fault));
    await expect(call()).rejects.toThrow(ProviderUnavailable);
    await network.repair();
  }

  test('leaves a reservation, which is found and not made again', async () => {
    const charge = newCharge();
    await loseAnswer(() => hasty.authorize(charge));
    const found = await gateway.find(charge.paymentId);
    expect(found).toMatchObject({ status: 'authorized', money: ADULT_PRICE });
    expect(await authorized(charge)).toBe(found?.providerPaymentId);
    expect(await statusesOf(charge)).toEqual(['requires_capture']);
  });

  test('leaves money taken, once', async () => {
    const charge = newCharge();
    const id = await authorized(charge);
    await loseAnswer(() => hasty.capture(id));
    expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 'captured' });
    expect(await gateway.capture(id)).toEqual({ status: 'captured' });
    expect(await statusesOf(charge)).toEqual(['succeeded']);
  });

  test('leaves a reservation given up', async () => {
    const charge = newCharge();
    const id = await authorized(charge);
    await loseAnswer(() => hasty.void(id));
    await gateway.void(id);
    expect(await statusesOf(charge)).toEqual(['canceled']);
  });

  test('leaves a refund, which is found and not made again', async () => {
    const id = await authorized(newCharge());
    await gateway.capture(id);
    const refundId = randomUUID();
    const part = { amount: 5_000, currency: 'USD' };
    await loseAnswer(() => hasty.refund(refundId, id, part, ALL_EXPLAINED));
    expect(await gateway.refund(refundId, id, part, ALL_EXPLAINED)).toMatchObject({
      status: 'succeeded',
    });
    expect(await localStripe.refundsOf(id)).toHaveLength(1);
  });
});

test('two workers that both looked before either made a reservation leave one', async () => {
  const other = createStripeGateway({ secretKey: SECRET_KEY, apiBase: localStripe.url });
  const charge = newCharge();
  door.beforeNextChange(async () => {
    await other.authorize(charge);
  });
  await authorized(charge);
  expect((await statusesOf(charge)).toSorted()).toEqual(['canceled', 'requires_capture']);
  const id = await authorized(charge);
  expect(await other.authorize(charge)).toEqual({ status: 'authorized', providerPaymentId: id });
  expect(await gateway.capture(id)).toEqual({ status: 'captured' });
});

test('a reservation that comes to light later is given up in favour of the one that counts', async () => {
  const charge = newCharge();
  const id = await authorized(charge);
  await gateway.capture(id);
  const late = await localStripe.post('payment_intents', {
    amount: String(charge.money.amount),
    currency: 'usd',
    payment_method: charge.paymentMethod,
    capture_method: 'manual',
    confirm: 'true',
    'metadata[paymentId]': charge.paymentId,
  });
  expect(late.status).toBe(200);
  expect(await authorized(charge)).toBe(id);
  expect((await statusesOf(charge)).toSorted()).toEqual(['canceled', 'succeeded']);
});

test('a provider that can’t be reached charges nothing, and works again when it can be', async () => {
  const charge = newCharge();
  await network.cut();
  await expect(gateway.authorize(charge)).rejects.toThrow(ProviderUnavailable);
  await expect(gateway.find(charge.paymentId)).rejects.toThrow(ProviderUnavailable);
  expect(await statusesOf(charge)).toEqual([]);
  await network.repair();
  await authorized(charge);
  expect(await statusesOf(charge)).toEqual(['requires_capture']);
});

test('a slow line is no fault', async () => {
  const latency = 700;
  const patient = gatewayThatWaits(2 * latency);
  await network.trouble('latency', { latency });
  const charge = newCharge();
  expect(await patient.capture(await authorized(charge, patient))).toEqual({ status: 'captured' });
  expect(await statusesOf(charge)).toEqual(['succeeded']);
});

function newCharge(): Charge {
  return {
    paymentId: randomUUID(),
    bookingId: randomUUID(),
    money: ADULT_PRICE,
    paymentMethod: 'pm_card_visa',
  };
}

/** A gateway through the door; it waits as long as in production unless said otherwise. */
const gatewayThatWaits = (timeoutMs?: number): PaymentGateway =>
  createStripeGateway({ secretKey: SECRET_KEY, apiBase: door.url, timeoutMs });

async function authorized(charge: Charge, by = gateway): Promise<string> {
  const authorization = await by.authorize(charge);
  if (authorization.status !== 'authorized') throw new Error('A card that works was declined');
  return authorization.providerPaymentId;
}

async function statusesOf({ paymentId }: Charge): Promise<string[]> {
  const intents = await localStripe.intentsOf(paymentId);
  return intents.map(({ status }) => status);
}
