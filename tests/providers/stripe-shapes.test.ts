import { randomUUID } from 'node:crypto';
import { createStripeGateway } from '../../src/payments/stripe/gateway';
import { ALL_EXPLAINED } from '../support/provider';
import { ADULT_PRICE } from '../support/flights';
import { installFromGo } from '../support/tools';
import { openDoor, type Door, type PassedRequest } from './door';
import { SECRET_KEY, startLocalStripe, type LocalStripe } from './localstripe';
import { startServer, type Server } from './server';

/**
 * stripe-mock is Stripe's own: it keeps no state, and knows exactly which requests the API takes.
 * What we sent elsewhere is shown to it.
 */

let stripeMock: Server;
let localStripe: LocalStripe;
let door: Door;

beforeAll(async () => {
  const program = installFromGo('github.com/stripe/stripe-mock', '0.203.0');
  stripeMock = await startServer((port) => [program, '-http-addr', `127.0.0.1:${port}`]);
  localStripe = await startLocalStripe();
  door = await openDoor(localStripe.url);
  await useEveryCall();
});

afterAll(async () => {
  await door.close();
  await localStripe.stop();
  await stripeMock.stop();
});

async function useEveryCall(): Promise<void> {
  const gateway = createStripeGateway({ secretKey: SECRET_KEY, apiBase: door.url });
  async function reserve(): Promise<string> {
    const authorization = await gateway.authorize({
      paymentId: randomUUID(),
      bookingId: randomUUID(),
      money: ADULT_PRICE,
      paymentMethod: 'pm_card_visa',
    });
    return (authorization as { providerPaymentId: string }).providerPaymentId;
  }
  const id = await reserve();
  await gateway.capture(id);
  await gateway.refund(randomUUID(), id, { amount: 5_000, currency: 'USD' }, ALL_EXPLAINED);
  await gateway.void(await reserve());
  await gateway.find(randomUUID());
  await gateway.retrieve(id);
  for await (const payment of gateway.listCaptured(new Date())) expect(payment).toBeDefined();
}

async function show({ method, path, headers, body }: PassedRequest): Promise<Response> {
  const { authorization = '', 'content-type': contentType = '' } = headers;
  return fetch(stripeMock.url + path, {
    method,
    headers: { authorization, 'content-type': contentType },
    ...(method === 'POST' ? { body } : {}),
  });
}

test('Stripe takes the form of every request that we make', async () => {
  const verdicts = await Promise.all(
    door.passed.map(async (request) => {
      const answer = await show(request);
      return answer.ok ? 'taken' : `${request.method} ${request.path}: ${await answer.text()}`;
    }),
  );
  expect([...new Set(verdicts)]).toEqual(['taken']);
});

test('every kind of request was among them', () => {
  const kinds = door.passed.map(
    ({ method, path }) => `${method} ${path.split('?')[0]?.replace(/pi_\w+/, ':id')}`,
  );
  expect([...new Set(kinds)].toSorted()).toEqual([
    'GET /v1/payment_intents',
    'GET /v1/payment_intents/:id',
    'GET /v1/payment_intents/search',
    'GET /v1/refunds',
    'POST /v1/payment_intents',
    'POST /v1/payment_intents/:id/cancel',
    'POST /v1/payment_intents/:id/capture',
    'POST /v1/refunds',
  ]);
});

test('a form that Stripe doesn’t know is refused', async () => {
  const [creation] = door.passed.filter(({ path }) => path === '/v1/payment_intents');
  const misspelt = { ...creation!, body: `${creation!.body}&capture=manual` };
  expect((await show(misspelt)).status).toBe(400);
});
