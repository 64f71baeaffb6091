import { z } from 'zod';
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhooks/endpoint';
import { Booking } from '../bookings/schemas';
import { Id, Instant } from '../schemas';

/** What webhook endpoints get. It is in the reference for those who write a receiver. */
export const WebhookEvent = z
  .object({
    id: Id.meta({ description: 'As `webhook-id`: the same in every attempt.' }),
    type: z.enum(WEBHOOK_EVENT_TYPES),
    createdAt: Instant.meta({ description: 'When it happened.' }),
    sequence: z.int().nullable().meta({
      description: 'Counts the events of one booking, without gaps; null in a ping.',
    }),
    data: z.object({
      booking: Booking.nullable().meta({
        description: 'The booking as it was when this was sent; null in a ping.',
      }),
    }),
  })
  .meta({ id: 'WebhookEvent', description: 'An event of a booking.' });
