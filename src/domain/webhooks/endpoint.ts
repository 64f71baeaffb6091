import { OUTGOING_EVENT_TYPES } from '../outgoing-event';

/** Every type of event that is sent to webhook endpoints; a ping is of no booking. */
export const WEBHOOK_EVENT_TYPES = [...OUTGOING_EVENT_TYPES, 'ping'] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** Why an endpoint is disabled: its owner said so, or it failed for three days. */
export const DISABLED_REASONS = ['owner_request', 'failing'] as const;

export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** Endpoints that one owner may have. */
export const MAX_ENDPOINTS_PER_OWNER = 10;

/** How long the previous secret signs beside the new one, in hours. */
export const PREVIOUS_SECRET_HOURS = 24;

/** A shop's address that events are sent to. Instants are ISO 8601. */
export interface WebhookEndpoint {
  id: string;
  url: string;
  /** The types that it gets. */
  events: readonly WebhookEventType[];
  description: string | null;
  status: 'enabled' | 'disabled';
  disabledBecause: DisabledReason | null;
  /** When the first attempt failed of those since the last that succeeded. */
  failingSince: string | null;
  createdAt: string;
}
