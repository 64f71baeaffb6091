import type { WebhookEventType } from './endpoint';

/** `retrying`: the attempt failed, and another follows. `failed`: none follows. */
export const DELIVERY_STATUSES = ['pending', 'succeeded', 'retrying', 'failed'] as const;

export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Why an attempt failed. */
export const DELIVERY_ERRORS = [
  'http_status',
  'redirect',
  'timeout',
  'connection_failed',
  'host_not_found',
  'address_not_allowed',
  'endpoint_disabled',
] as const;

export type DeliveryError = (typeof DELIVERY_ERRORS)[number];

/** One attempt to send an event to an endpoint. Instants are ISO 8601. */
export interface Delivery {
  id: string;
  /** The event's ID, which the receiver gets as `webhook-id`. */
  eventId: string;
  type: WebhookEventType;
  bookingId: string | null;
  sequence: number | null;
  /** Counts the attempts at one event, from 1. */
  attempt: number;
  status: DeliveryStatus;
  dueAt: string;
  sentAt: string | null;
  durationMs: number | null;
  /** The HTTP status of the response; null without one. */
  responseStatus: number | null;
  error: DeliveryError | null;
  createdAt: string;
}

/** What became of an attempt that was made. */
export type AttemptOutcome =
  | { status: 'succeeded'; responseStatus: number }
  | {
      status: 'failed';
      responseStatus: number | null;
      error: Exclude<DeliveryError, 'endpoint_disabled'>;
    };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Delays after the first attempts: a restart of the receiver, then a deploy, then an outage. */
const DELAYS_MS = [5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS];

/** The delay after all later ones. */
const LAST_DELAY_MS = 6 * HOUR_MS;

/** Up to so much is added to a delay, so that a receiver that is back is not flooded at once. */
const JITTER = 0.2;

/**
 * An event that failed for three days is given up. Its endpoint is disabled then, if it has failed for
 * as long.
 */
export const GIVE_UP_AFTER_MS = 72 * HOUR_MS;

/**
 * Returns the delay before the next attempt, in milliseconds; null when the event is given up.
 * `random` is in [0, 1).
 */
export function retryDelay(
  { attempt, firstDueAt }: { attempt: number; firstDueAt: Date },
  { now, random }: { now: Date; random: number },
): number | null {
  const delayMs = (DELAYS_MS[attempt - 1] ?? LAST_DELAY_MS) * (1 + JITTER * random);
  const isTooLate = now.getTime() + delayMs > firstDueAt.getTime() + GIVE_UP_AFTER_MS;
  return isTooLate ? null : Math.round(delayMs);
}
