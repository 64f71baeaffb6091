import { z } from 'zod';
import type { ZodOpenApiObject } from 'zod-openapi';
import { WebhookEvent } from '../webhook-endpoints/event-schema';
import { body } from './operation';
import { SENT } from './webhook-examples';

const Headers = z.object({
  'webhook-id': z.string().meta({ description: 'Names the event, in every attempt.' }),
  'webhook-timestamp': z.string().meta({ description: 'Of the attempt: seconds since 1970.' }),
  'webhook-signature': z.string().meta({
    description: '`v1,` and the signature in base64; two while the secret is being replaced.',
  }),
});

/** What is sent to webhook endpoints, as the description has it (OpenAPI 3.1, `webhooks`). */
export const WEBHOOK_EVENTS: NonNullable<ZodOpenApiObject['webhooks']> = {
  event: {
    post: {
      tags: ['Webhooks'],
      operationId: 'receiveWebhookEvent',
      summary: 'An event of a booking of yours',
      description:
        'Sent to your endpoints, at least once, in any order. Answer 2xx within 10 seconds. Verify ' +
        'the signature, and remember the `id`: an event may come twice.',
      requestParams: { header: Headers },
      requestBody: body(WebhookEvent, { booked: { summary: 'Booked', value: SENT } }),
      responses: { 204: { description: 'Received. Any 2xx will do.' } },
    },
  },
};
