import Stripe from 'stripe';
import {
  InvalidWebhookSignature,
  MalformedWebhook,
  parseStripeWebhook,
} from '../../src/payments/stripe/webhook';
import { BOOKING_ID, intentOf, PAYMENT_ID } from './scripted-stripe';

const SECRET = 'whsec_of_today';
const NEXT_SECRET = 'whsec_of_tomorrow';

const EVENT = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  created: 1_795_000_000,
  data: { object: intentOf('pi_1', { status: 'succeeded', amount_received: 12_000 }) },
});

/** What Stripe would send as the signature; `age` in seconds. */
function sign(payload: string, { secret = SECRET, age = 0 } = {}): string {
  const timestamp = Math.floor(Date.now() / 1000) - age;
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}

function parse(payload: string, signature = sign(payload), secrets = [SECRET]) {
  return parseStripeWebhook(Buffer.from(payload), signature, secrets);
}

test('a signed event tells what became of a payment', () => {
  expect(parse(EVENT)).toEqual({
    id: 'evt_1',
    type: 'payment_intent.succeeded',
    createdAt: new Date('2026-11-18T11:06:40.000Z'),
    payment: {
      providerPaymentId: 'pi_1',
      paymentId: PAYMENT_ID,
      bookingId: BOOKING_ID,
      amount: 12_000,
      currency: 'USD',
      status: 'captured',
    },
  });
});

test.each([
  ['payment_intent.amount_capturable_updated', { status: 'requires_capture' }, 'authorized'],
  ['payment_intent.requires_action', { status: 'requires_action' }, 'requires_action'],
  ['payment_intent.canceled', { status: 'canceled' }, 'voided'],
  [
    'payment_intent.payment_failed',
    { status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } },
    'declined',
  ],
  ['payment_intent.created', { status: 'requires_payment_method' }, 'processing'],
])('%s: the payment is %j, and so %s', (type, details, status) => {
  const event = { ...(JSON.parse(EVENT) as object), type };
  const payload = JSON.stringify({ ...event, data: { object: intentOf('pi_1', details) } });
  expect(parse(payload)).toMatchObject({ type, payment: { status, amount: 12_000 } });
});

test('an event about something else is an event without a payment', () => {
  const payload = EVENT.replace('payment_intent.succeeded', 'charge.updated');
  expect(parse(payload)).toEqual({
    id: 'evt_1',
    type: 'charge.updated',
    createdAt: expect.any(Date),
  });
});

test('while a secret is being replaced, either is good', () => {
  for (const secret of [SECRET, NEXT_SECRET]) {
    const signature = sign(EVENT, { secret });
    expect(parse(EVENT, signature, [NEXT_SECRET, SECRET])).toMatchObject({ id: 'evt_1' });
  }
});

test.each<[what: string, signature: string | undefined]>([
  ['no signature', undefined],
  ['an empty signature', ''],
  ['text for a signature', 'forged'],
  ['a signature with another secret', sign(EVENT, { secret: NEXT_SECRET })],
  ['the signature of another event', sign(EVENT.replace('12000', '1'))],
  ['a signature cut short', sign(EVENT).slice(0, -1)],
  ['a signature without its time', sign(EVENT).replace(/^t=\d+,/, '')],
  ['a signature that was given another time', sign(EVENT, { age: 400 }).replace(/^t=\d+/, now())],
  ['a signature of another scheme', sign(EVENT).replace('v1=', 'v0=')],
  ['a signature from six minutes ago', sign(EVENT, { age: 360 })],
  ['a signature from in six minutes', sign(EVENT, { age: -360 })],
])('%s is refused', (_, signature) => {
  expect(() => parseStripeWebhook(Buffer.from(EVENT), signature, [SECRET])).toThrow(
    InvalidWebhookSignature,
  );
});

test('nothing is believed when there is no secret, or an empty one', () => {
  expect(() => parse(EVENT, sign(EVENT), [])).toThrow(InvalidWebhookSignature);
  expect(() => parse(EVENT, sign(EVENT), [''])).toThrow(InvalidWebhookSignature);
});

test.each([
  ['cut short', EVENT.slice(0, -1)],
  ['written anew', JSON.stringify(JSON.parse(EVENT), null, 2)],
  ['followed by a line break', `${EVENT}\n`],
  ['empty', ''],
])('a body that arrives %s is not what was signed', (_, body) => {
  expect(() => parse(body, sign(EVENT))).toThrow(InvalidWebhookSignature);
});

test('a body in another encoding is not what was signed', () => {
  const event = EVENT.replace('evt_1', 'évt_1');
  const body = Buffer.from(event, 'latin1');
  expect(() => parseStripeWebhook(body, sign(event), [SECRET])).toThrow(InvalidWebhookSignature);
  expect(parse(event)).toMatchObject({ id: 'évt_1' });
});

test.each([
  ['is not JSON', '{"id":'],
  ['is no object', '[]'],
  ['lacks its type', EVENT.replace('"type"', '"kind"')],
  ['lacks the amount', EVENT.replace('"amount"', '"sum"')],
  ['has a wrong amount', EVENT.replace('12000', '"12000"')],
  ['is of Stripe’s second API', EVENT.replace('"event"', '"v2.core.event"')],
])('a signed body that %s is malformed', (_, body) => {
  expect(() => parse(body)).toThrow(MalformedWebhook);
});

function now(): string {
  return `t=${Math.floor(Date.now() / 1000)}`;
}
