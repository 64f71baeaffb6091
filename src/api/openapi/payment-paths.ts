import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { PaymentEvent } from '../payment-events/schemas';
import { MakePaymentRequest, Payment } from '../payments/schemas';
import { BOOKING_ID, CAPTURED, PAY, PROCESSING, TOTAL } from './examples';
import { LIMITED, refer, type HeaderName } from './headers';
import { body, json, open, secured } from './operation';
import { RequiredKey } from './parameters';

const PAID: HeaderName[] = ['Idempotent-Replayed', ...LIMITED];

/** Problems of a signed message, besides those of any message. */
const SIGNED_PROBLEMS = [
  'unauthenticated',
  'malformed_json',
  'validation_failed',
  'payload_too_large',
  'unsupported_media_type',
  'service_unavailable',
] as const;

const StandardWebhookHeaders = z.object({
  'webhook-id': z.string().meta({ description: 'Names the message.' }),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since 1970; at most 5 min off.' }),
  'webhook-signature': z.string().meta({ description: '`v1,` and the signature in base64.' }),
});

const StripeHeaders = z.object({
  'stripe-signature': z.string().meta({ description: 'Made by Stripe over the raw body.' }),
});

const StripeEvent = z
  .looseObject({ id: z.string(), type: z.string() })
  .meta({ id: 'StripeEvent', description: 'An event as Stripe sends it.' });

const Received = z.object({ received: z.literal(true) }).meta({ id: 'Received' });

/** Payments: the customers' own, and those that other services report. */
export const PAYMENT_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/bookings/payments': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'payBooking',
        scopes: ['bookings'],
        summary: 'Pay for a booking',
        description:
          'Charges the card and sells the seats. Amount and currency must be the price of the ' +
          'booking. A declined card leaves the hold as it was, until `paymentRequiredBy`: try ' +
          'another with a new key. With 3-D Secure the response is 202 with a `nextAction`.',
        instance: '/api/v1/bookings/payments',
        good: {
          201: json('Captured; the booking is booked.', Payment, CAPTURED, PAID),
          202: json(
            'Not decided yet. The same request with the same key gets the outcome.',
            Payment,
            PROCESSING,
            LIMITED,
          ),
        },
        codes: [
          'validation_failed',
          'malformed_json',
          'idempotency_key_required',
          'idempotency_key_invalid',
          'payment_declined',
          'booking_not_found',
          'booking_not_payable',
          'payment_in_progress',
          'too_many_declines',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
          'amount_mismatch',
        ],
      },
      {
        requestParams: { header: RequiredKey },
        requestBody: body(MakePaymentRequest, {
          works: { summary: 'A card that works', value: PAY },
          declined: {
            summary: 'A card that is declined',
            value: { ...PAY, paymentMethod: 'pm_card_chargeDeclined' },
          },
        }),
      },
    ),
  },
  '/api/v1/payment-events': {
    post: open(
      {
        tag: 'Payments',
        operationId: 'receivePaymentEvent',
        summary: 'Report a payment that another service has captured',
        description:
          'Takes an event that is signed by the Standard Webhooks scheme. Send it again until it ' +
          'is accepted: it has one effect, by `provider` and `providerPaymentId`. Money that ' +
          'cannot pay for the booking is recorded and refunded.',
        instance: '/api/v1/payment-events',
        good: {
          202: {
            description:
              'Accepted, whatever becomes of it. Unknown fields and types have no effect.',
            headers: refer(['X-Request-Id']),
          },
        },
        codes: SIGNED_PROBLEMS,
      },
      {
        requestParams: { header: StandardWebhookHeaders },
        requestBody: body(PaymentEvent, {
          captured: {
            summary: 'A bank transfer that has arrived',
            value: {
              type: 'payment.captured',
              data: {
                bookingId: BOOKING_ID,
                ...TOTAL,
                provider: 'acme',
                providerPaymentId: 'acme-1001',
              },
            },
          },
        }),
      },
    ),
  },
  '/api/v1/webhooks/stripe': {
    post: open(
      {
        tag: 'Payments',
        operationId: 'receiveStripeEvent',
        summary: 'Report a payment at Stripe',
        description:
          'The address to give Stripe for its webhook. Events that we do not use are accepted.',
        instance: '/api/v1/webhooks/stripe',
        good: { 200: json('Accepted.', Received, { received: true }) },
        codes: SIGNED_PROBLEMS,
      },
      {
        requestParams: { header: StripeHeaders },
        requestBody: body(StripeEvent, {
          succeeded: {
            summary: 'A payment has succeeded',
            value: { id: 'evt_1', type: 'payment_intent.succeeded' },
          },
        }),
      },
    ),
  },
};
