import { Router } from 'express';
import { z } from 'zod';
import {
  InvalidWebhookSignature,
  MalformedWebhook,
  parseStripeWebhook,
  type StripeEvent,
} from '../../payments/stripe/webhook';
import type { ProviderEvent } from '../../temporal/contracts/provider-event';
import { rawBody } from '../body';
import type { PaymentEventWorkflows } from '../payment-events/payment-event-workflows';
import { Problem } from '../problem';

/**
 * Receives Stripe's events about payments made there, ours and others'. The response is sent at
 * once; a workflow handles the event.
 */
export function stripeRoutes({
  paymentEvents,
  secrets,
}: {
  paymentEvents: PaymentEventWorkflows;
  secrets: readonly string[];
}): Router {
  const routes = Router();

  routes.post('/', rawBody, async (req, res) => {
    const event = parse(req.body as Buffer, req.get('stripe-signature'), secrets);
    await paymentEvents.accept(toProviderEvent(event));
    res.json({ received: true });
  });

  return routes;
}

/**
 * @throws Problem `unauthenticated` for what Stripe did not sign, `validation_failed` for a signed
 * message that we can't read.
 */
function parse(
  body: Buffer,
  signature: string | undefined,
  secrets: readonly string[],
): StripeEvent {
  try {
    return parseStripeWebhook(body, signature, secrets);
  } catch (error) {
    if (error instanceof InvalidWebhookSignature)
      throw new Problem('unauthenticated', 'The event is not signed by Stripe.');
    if (error instanceof MalformedWebhook) throw new Problem('validation_failed', error.message);
    throw error;
  }
}

/** Payments that others made may hold any text here. */
const BookingId = z.uuid().toLowerCase();

/**
 * Returns what an event means for us. Of one that concerns none of our bookings, only the type is
 * kept.
 */
function toProviderEvent({ id, type, createdAt, ...about }: StripeEvent): ProviderEvent {
  const report = { provider: 'stripe', toldAt: createdAt.toISOString() };
  return {
    provider: 'stripe',
    eventId: id,
    type,
    ...paymentPartOf(about.payment),
    ...(about.dispute === undefined ? {} : { dispute: { ...about.dispute, ...report } }),
    ...(about.refund === undefined ? {} : { refund: { ...about.refund, ...report } }),
  };
}

function paymentPartOf(
  payment: StripeEvent['payment'],
): Pick<ProviderEvent, 'bookingId' | 'captured'> {
  const bookingId = BookingId.safeParse(payment?.bookingId).data;
  if (payment === undefined || bookingId === undefined) return { bookingId: null, captured: null };
  const { providerPaymentId, amount, currency, status } = payment;
  if (status !== 'captured') return { bookingId, captured: null };
  return {
    bookingId,
    captured: { bookingId, amount, currency, provider: 'stripe', providerPaymentId },
  };
}
