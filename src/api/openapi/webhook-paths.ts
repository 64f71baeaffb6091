import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { GivenId } from '../schemas';
import {
  changeEndpointRequest,
  createEndpointRequest,
  CreatedWebhookEndpoint,
  DeliveryListQuery,
  RotatedWebhookEndpoint,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookEndpoint,
  WebhookEndpointList,
} from '../webhook-endpoints/schemas';
import { LIMITED, refer } from './headers';
import { body, json, secured } from './operation';
import { OptionalKey } from './parameters';
import {
  CREATED,
  DELIVERED,
  DELIVERY_ID,
  DISABLED,
  ENDPOINT,
  ENDPOINT_ID,
  PENDING,
  PING,
  ROTATED,
} from './webhook-examples';

const ALL = '/api/v1/webhook-endpoints';
const ONE = `${ALL}/${ENDPOINT_ID}`;

const RULES = { requireHttps: true, allowPrivate: false };

const EndpointById = z.object({
  id: GivenId.meta({ description: 'Of the endpoint.', param: { example: ENDPOINT_ID } }),
});

const DeliveryById = EndpointById.extend({
  deliveryId: GivenId.meta({ description: 'Of the delivery.', param: { example: DELIVERY_ID } }),
});

const BODY_PROBLEMS = [
  'validation_failed',
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
] as const;

/** Where shops have events sent to. */
export const WEBHOOK_PATHS: ZodOpenApiPathsObject = {
  [ALL]: {
    post: secured(
      {
        tag: 'Webhooks',
        operationId: 'createWebhookEndpoint',
        scopes: ['bookings'],
        summary: 'Have events sent to an address',
        description:
          'Registers an address of yours. It gets the events of your bookings from now on, signed ' +
          'with the `secret` by the Standard Webhooks scheme. The secret is shown in this response ' +
          'only. You may have ten endpoints.',
        instance: ALL,
        good: {
          201: json('The endpoint, with its secret.', CreatedWebhookEndpoint, CREATED, [
            'Location',
            'Idempotent-Replayed',
            ...LIMITED,
          ]),
        },
        codes: [
          ...BODY_PROBLEMS,
          'idempotency_key_invalid',
          'idempotency_key_reused',
          'too_many_webhook_endpoints',
        ],
      },
      {
        requestParams: { header: OptionalKey },
        requestBody: body(createEndpointRequest(RULES), {
          all: { summary: 'Every event', value: { url: ENDPOINT.url } },
          some: {
            summary: 'Some types of event',
            value: { url: ENDPOINT.url, events: ['booking.booked', 'booking.cancelled'] },
          },
        }),
      },
    ),
    get: secured({
      tag: 'Webhooks',
      operationId: 'listWebhookEndpoints',
      scopes: ['bookings'],
      summary: 'Your webhook endpoints',
      description: 'Lists your endpoints, oldest first, without their secrets.',
      instance: ALL,
      good: { 200: json('The endpoints.', WebhookEndpointList, { data: [ENDPOINT] }, LIMITED) },
    }),
  },
  [`${ALL}/{id}`]: {
    get: secured(
      {
        tag: 'Webhooks',
        operationId: 'getWebhookEndpoint',
        scopes: ['bookings'],
        summary: 'One webhook endpoint',
        description: 'Reads an endpoint, with whether it works: see `failingSince`.',
        instance: ONE,
        good: { 200: json('The endpoint.', WebhookEndpoint, ENDPOINT, LIMITED) },
        codes: ['webhook_endpoint_not_found'],
      },
      { requestParams: { path: EndpointById } },
    ),
    patch: secured(
      {
        tag: 'Webhooks',
        operationId: 'changeWebhookEndpoint',
        scopes: ['bookings'],
        summary: 'Change a webhook endpoint',
        description:
          'Changes what is sent, and leaves the rest. A disabled endpoint gets nothing, and what ' +
          'it was still to get fails; enabled again it gets what happens from then on.',
        instance: ONE,
        good: { 200: json('The changed endpoint.', WebhookEndpoint, DISABLED, LIMITED) },
        codes: [...BODY_PROBLEMS, 'webhook_endpoint_not_found'],
      },
      {
        requestParams: { path: EndpointById },
        requestBody: body(changeEndpointRequest(RULES), {
          disable: { summary: 'Disable it', value: { status: 'disabled' } },
          events: { summary: 'Other types of event', value: { events: ['booking.booked'] } },
        }),
      },
    ),
    delete: secured(
      {
        tag: 'Webhooks',
        operationId: 'deleteWebhookEndpoint',
        scopes: ['bookings'],
        summary: 'Delete a webhook endpoint',
        description: 'Deletes an endpoint with its deliveries. Nothing more is sent to it.',
        instance: ONE,
        good: { 204: { description: 'Deleted.', headers: refer(['X-Request-Id', ...LIMITED]) } },
        codes: ['webhook_endpoint_not_found'],
      },
      { requestParams: { path: EndpointById } },
    ),
  },
  [`${ALL}/{id}/ping`]: {
    post: secured(
      {
        tag: 'Webhooks',
        operationId: 'pingWebhookEndpoint',
        scopes: ['bookings'],
        summary: 'Try a webhook endpoint out',
        description:
          'Sends an event of the type `ping`, once, also to a disabled endpoint. Its delivery says ' +
          'what became of it. At most ten a minute.',
        instance: `${ONE}/ping`,
        good: { 202: json('The delivery, which is being sent.', WebhookDelivery, PING, LIMITED) },
        codes: ['webhook_endpoint_not_found'],
      },
      { requestParams: { path: EndpointById } },
    ),
  },
  [`${ALL}/{id}/rotate-secret`]: {
    post: secured(
      {
        tag: 'Webhooks',
        operationId: 'rotateWebhookSecret',
        scopes: ['bookings'],
        summary: 'Replace the secret of a webhook endpoint',
        description:
          'Makes another secret. For 24 hours events are signed with both, so that a receiver can ' +
          'change over without losing one. At most ten a minute.',
        instance: `${ONE}/rotate-secret`,
        good: {
          200: json('With the new secret.', RotatedWebhookEndpoint, ROTATED, LIMITED),
        },
        codes: ['webhook_endpoint_not_found'],
      },
      { requestParams: { path: EndpointById } },
    ),
  },
  [`${ALL}/{id}/deliveries`]: {
    get: secured(
      {
        tag: 'Webhooks',
        operationId: 'listWebhookDeliveries',
        scopes: ['bookings'],
        summary: 'What was sent to a webhook endpoint',
        description:
          'Lists attempts of the last 30 days, newest first, with what became of each. Nothing of ' +
          'a response but its status is stored.',
        instance: `${ONE}/deliveries`,
        good: {
          200: json(
            'A page of deliveries.',
            WebhookDeliveryPage,
            { data: [DELIVERED], nextCursor: null },
            LIMITED,
          ),
        },
        codes: ['validation_failed', 'webhook_endpoint_not_found'],
      },
      { requestParams: { path: EndpointById, query: DeliveryListQuery } },
    ),
  },
  [`${ALL}/{id}/deliveries/{deliveryId}/redeliver`]: {
    post: secured(
      {
        tag: 'Webhooks',
        operationId: 'redeliverWebhook',
        scopes: ['bookings'],
        summary: 'Send an event again',
        description:
          'Sends the event of a delivery again, under the same `webhook-id`, with the booking as ' +
          'it is now. It is tried again like a new one. At most ten a minute.',
        instance: `${ONE}/deliveries/${DELIVERY_ID}/redeliver`,
        good: { 202: json('The new delivery.', WebhookDelivery, PENDING, LIMITED) },
        codes: ['webhook_endpoint_not_found', 'delivery_not_found'],
      },
      { requestParams: { path: DeliveryById } },
    ),
  },
};
