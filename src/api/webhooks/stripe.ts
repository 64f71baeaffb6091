import { Router } from 'express';
import { z } from 'zod';
import {
  InvalidWebhookSignature,
  MalformedWebhook,
  parseStripeWebhook,
  type StripeEvent,
} from '../../payments/stripe/webhook';
import type { ProviderEvent } from '../../temporal/refund-contracts';
import { rawBody } from '../body';
import type { PaymentNews } from '../payment-events/news';
import { Problem } from '../problem';

/** News of Stripe about the payments that were made there, ours and others'. It is answered at once; a workflow acts on it. */
export function stripeRoutes({
  news,
  secrets,
}: {
  news: PaymentNews;
  secrets: readonly string[];
}): Router {
  const routes = Router();

  routes.post('/', rawBody, async (req, res) => {
    const event = parse(req.body as Buffer, req.get('stripe-signature'), secrets);
    const concern = concernOf(event);
    if (concern !== undefined) await news.accept(concern);
    res.json({ received: true });
  });

  return routes;
}

/** @throws Problem `unauthenticated` for what Stripe did not sign, `validation_failed` for what it did and we can't read. */
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

/** Others may name in theirs what they like. */
const BookingId = z.uuid().toLowerCase();

/** What an event means for us; undefined when it is about nothing that we sell. */
function concernOf({ id, type, payment }: StripeEvent): ProviderEvent | undefined {
  const bookingId = BookingId.safeParse(payment?.bookingId).data;
  if (payment === undefined || bookingId === undefined) return undefined;
  const { providerPaymentId, amount, currency, status } = payment;
  const captured =
    status === 'captured'
      ? { bookingId, amount, currency, provider: 'stripe', providerPaymentId }
      : null;
  return { provider: 'stripe', eventId: id, type, bookingId, captured };
}
