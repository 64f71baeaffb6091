import type { z } from 'zod';
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhooks/endpoint';
import type {
  CreatedWebhookEndpoint,
  RotatedWebhookEndpoint,
  WebhookDelivery,
  WebhookEndpoint,
} from '../webhook-endpoints/schemas';
import { BOOKED, BOOKING_ID } from './examples';

/** One endpoint and what it gets: the examples of the reference. */

export const ENDPOINT_ID = '1f0c6f2e-5d0e-4f43-9a0e-5b8f2c9a7d11';
export const DELIVERY_ID = '8a1d6a6c-5f5b-4a57-8f0a-0b9b8f3b6f01';
const EVENT_ID = 'c1c8a6f4-3c1e-4e0a-9d6b-2f1f2b7b5a10';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export const ENDPOINT: z.input<typeof WebhookEndpoint> = {
  id: ENDPOINT_ID,
  url: 'https://shop.example/hooks/flights',
  events: [...WEBHOOK_EVENT_TYPES],
  description: 'The order system',
  status: 'enabled',
  disabledBecause: null,
  failingSince: null,
  createdAt: '2026-11-26T09:00:00.000Z',
};

export const CREATED: z.input<typeof CreatedWebhookEndpoint> = { ...ENDPOINT, secret: SECRET };

export const ROTATED: z.input<typeof RotatedWebhookEndpoint> = {
  ...ENDPOINT,
  secret: SECRET,
  previousSecretExpiresAt: '2026-11-27T09:00:00.000Z',
};

export const DISABLED: z.input<typeof WebhookEndpoint> = {
  ...ENDPOINT,
  status: 'disabled',
  disabledBecause: 'owner_request',
};

export const DELIVERED: z.input<typeof WebhookDelivery> = {
  id: DELIVERY_ID,
  eventId: EVENT_ID,
  type: 'booking.booked',
  bookingId: BOOKING_ID,
  sequence: 2,
  attempt: 1,
  status: 'succeeded',
  dueAt: '2026-11-26T09:05:00.100Z',
  sentAt: '2026-11-26T09:05:00.300Z',
  durationMs: 84,
  responseStatus: 204,
  error: null,
  createdAt: '2026-11-26T09:05:00.100Z',
};

export const PENDING: z.input<typeof WebhookDelivery> = {
  ...DELIVERED,
  id: '0b3c6f1a-6a3b-4d1c-8a65-0d5b7c1f9e22',
  status: 'pending',
  sentAt: null,
  durationMs: null,
  responseStatus: null,
};

export const PING: z.input<typeof WebhookDelivery> = {
  ...PENDING,
  eventId: PENDING.id,
  type: 'ping',
  bookingId: null,
  sequence: null,
};

export const SENT = {
  id: EVENT_ID,
  type: 'booking.booked',
  createdAt: '2026-11-26T09:05:00.042Z',
  sequence: 2,
  data: { booking: BOOKED },
};
