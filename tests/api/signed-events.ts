import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { Webhook } from 'standardwebhooks';
import { PAYMENT_EVENTS_SECRET, STRIPE_WEBHOOK_SECRET } from '../support/api';
import type { Sent } from './client';

/** What other services, and Stripe, post to us: signed as they sign it. */

export const PAYMENT_EVENTS = '/api/v1/payment-events';
export const STRIPE_WEBHOOK = '/api/v1/webhooks/stripe';

/**
 * News of money that another service took for a booking: what one adult's costs, by a bank, unless
 * said otherwise.
 */
export function paymentEvent(
  { id: bookingId }: { id: string },
  details: Record<string, unknown> = {},
) {
  return {
    type: 'payment.captured',
    data: {
      bookingId,
      amount: 12_000,
      currency: 'USD',
      provider: 'bank',
      providerPaymentId: `transfer-${randomUUID()}`,
      ...details,
    },
  };
}

export type PaymentEvent = ReturnType<typeof paymentEvent>;

interface Seal {
  secret?: string;
  /** How long ago it was signed. */
  ageSeconds?: number;
}

/**
 * Signs an event by the Standard Webhooks scheme, each time under an ID of its own. Text and bytes
 * are signed as they are.
 */
export function signed(
  event: unknown,
  { secret = PAYMENT_EVENTS_SECRET, ageSeconds = 0 }: Seal = {},
): Required<Sent> {
  const body =
    typeof event === 'string' || event instanceof Uint8Array ? event : JSON.stringify(event);
  const id = `msg_${randomUUID()}`;
  const at = new Date(Date.now() - ageSeconds * 1_000);
  const signature = new Webhook(secret).sign(id, at, Buffer.from(body as string));
  return {
    body,
    headers: {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signature,
    },
  };
}

/** Signs an event as Stripe does. */
export function signedByStripe(
  event: unknown,
  { secret = STRIPE_WEBHOOK_SECRET, ageSeconds = 0 }: Seal = {},
): Required<Sent> {
  const payload = typeof event === 'string' ? event : JSON.stringify(event);
  const timestamp = Math.floor(Date.now() / 1_000) - ageSeconds;
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
  return { body: payload, headers: { 'stripe-signature': signature } };
}
