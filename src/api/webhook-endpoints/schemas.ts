import { z } from 'zod';
import { DELIVERY_ERRORS, DELIVERY_STATUSES } from '../../domain/webhooks/delivery';
import { DISABLED_REASONS, WEBHOOK_EVENT_TYPES } from '../../domain/webhooks/endpoint';
import { Cursor, Id, Instant, lineOfText, page, PageLimit } from '../schemas';
import { endpointUrl, type UrlRules } from './url';

const MAX_DESCRIPTION_LENGTH = 200;

const EventType = z.enum(WEBHOOK_EVENT_TYPES).meta({ id: 'WebhookEventType' });

const EndpointStatus = z.enum(['enabled', 'disabled']).meta({
  id: 'WebhookEndpointStatus',
  description: 'A disabled endpoint gets nothing, and what it was still to get fails.',
});

const DisabledBecause = z.enum(DISABLED_REASONS).meta({
  id: 'WebhookDisabledReason',
  description: '`failing`: all attempts failed for 72 hours, and an event was given up.',
});

const DeliveryStatus = z.enum(DELIVERY_STATUSES).meta({
  id: 'WebhookDeliveryStatus',
  description: '`retrying`: it failed and another attempt follows. `failed`: none follows.',
});

const Events = z
  .array(EventType)
  .min(1)
  .max(WEBHOOK_EVENT_TYPES.length)
  .transform((types) => [...new Set(types)])
  .nullable()
  .meta({ description: 'The types that the endpoint gets; null for all, also for later ones.' });

const Description = lineOfText(MAX_DESCRIPTION_LENGTH)
  .nullable()
  .meta({ description: 'For its owner.' });

/** The body of a create, for installations with these rules of URLs. */
export function createEndpointRequest(rules: UrlRules) {
  return z
    .strictObject({
      url: endpointUrl(rules),
      events: Events.default(null),
      description: Description.default(null),
    })
    .meta({ id: 'CreateWebhookEndpoint' });
}

/** The body of a change: what is left out stays. */
export function changeEndpointRequest(rules: UrlRules) {
  return z
    .strictObject({
      url: endpointUrl(rules).optional(),
      events: Events.optional(),
      description: Description.optional(),
      status: EndpointStatus.optional(),
    })
    .meta({ id: 'ChangeWebhookEndpoint' });
}

export const WebhookEndpoint = z
  .object({
    id: Id,
    url: z.string(),
    events: z.array(EventType),
    description: z.string().nullable(),
    status: EndpointStatus,
    disabledBecause: DisabledBecause.nullable(),
    failingSince: Instant.nullable().meta({
      description:
        'When the first attempt at its address failed of those since the last that succeeded.',
    }),
    createdAt: Instant,
  })
  .meta({ id: 'WebhookEndpoint', description: "A shop's address that events are sent to." });

const Secret = z.string().meta({
  description: 'What events are signed with. It is shown in this response only.',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
});

export const CreatedWebhookEndpoint = WebhookEndpoint.extend({
  secret: Secret.optional().meta({ description: 'Left out when the request is repeated.' }),
}).meta({ id: 'CreatedWebhookEndpoint' });

export const RotatedWebhookEndpoint = WebhookEndpoint.extend({
  secret: Secret,
  previousSecretExpiresAt: Instant.meta({
    description: 'Until then the secret before signs beside the new one.',
  }),
}).meta({ id: 'RotatedWebhookEndpoint' });

export const WebhookEndpointList = z
  .object({ data: z.array(WebhookEndpoint) })
  .meta({ id: 'WebhookEndpointList' });

export const WebhookDelivery = z
  .object({
    id: Id,
    eventId: Id.meta({ description: 'Sent as `webhook-id`, the same in every attempt.' }),
    type: EventType,
    bookingId: Id.nullable().meta({ description: 'Null for a ping.' }),
    sequence: z.int().nullable().meta({ description: 'Null for a ping.' }),
    attempt: z.int().meta({ description: 'Counts the attempts at one event, from 1.' }),
    status: DeliveryStatus,
    dueAt: Instant,
    sentAt: Instant.nullable(),
    durationMs: z.int().nullable().meta({ description: 'Until the status of the response.' }),
    responseStatus: z.int().nullable(),
    error: z.enum(DELIVERY_ERRORS).nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'WebhookDelivery', description: 'One attempt to send an event to an endpoint.' });

export const WebhookDeliveryPage = page(WebhookDelivery).meta({ id: 'WebhookDeliveryPage' });

export const DeliveryListQuery = z.strictObject({
  status: DeliveryStatus.optional().meta({ description: 'Those of one status.' }),
  limit: PageLimit,
  cursor: Cursor,
});
