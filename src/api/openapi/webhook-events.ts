import { z } from 'zod';
import type { ZodOpenApiObject } from 'zod-openapi';
import { SENT } from './webhook-examples';

type Schemas = NonNullable<NonNullable<ZodOpenApiObject['components']>['schemas']>;

const refer = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/**
 * What webhook endpoints get, for those who write a receiver. It is written out as JSON Schema: from
 * zod the library would describe every part of a booking a second time, as something that we read.
 */
export const WEBHOOK_EVENT_SCHEMA: Schemas[string] = {
  type: 'object',
  description: 'An event of a booking, as it is sent to webhook endpoints.',
  properties: {
    id: { ...refer('Id'), description: 'As `webhook-id`: the same in every attempt.' },
    type: refer('WebhookEventType'),
    createdAt: { ...refer('Instant'), description: 'When it happened.' },
    sequence: {
      type: ['integer', 'null'],
      description: 'Counts the events of one booking, without gaps; null in a ping.',
    },
    data: {
      type: 'object',
      properties: {
        booking: {
          anyOf: [refer('Booking'), { type: 'null' }],
          description: 'The booking as it was when this was sent; null in a ping.',
        },
      },
      required: ['booking'],
    },
  },
  required: ['id', 'type', 'createdAt', 'sequence', 'data'],
};

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
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: refer('WebhookEvent'),
            examples: { booked: { summary: 'Booked', value: SENT } },
          },
        },
      },
      responses: { 204: { description: 'Received. Any 2xx will do.' } },
    },
  },
};
