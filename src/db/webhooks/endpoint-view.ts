import { WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../../domain/webhooks/endpoint';
import type { Db } from '../connection';
import type WebhookEndpoints from '../rows/public/WebhookEndpoints';

/** Reads an endpoint of this owner; undefined for another's, as for one that isn't there. */
export async function findEndpoint(
  db: Db,
  ownerId: string,
  endpointId: string,
): Promise<WebhookEndpoint | undefined> {
  const row = await db('webhook_endpoints').where({ id: endpointId, owner_id: ownerId }).first();
  return row && toEndpoint(row);
}

/** Lists the endpoints of an owner, the oldest first. */
export async function listEndpoints(db: Db, ownerId: string): Promise<WebhookEndpoint[]> {
  const rows = await db('webhook_endpoints')
    .where({ owner_id: ownerId })
    .orderBy(['created_at', 'id']);
  return rows.map(toEndpoint);
}

/** The endpoint as its owner sees it: without its secrets. */
export function toEndpoint(row: WebhookEndpoints): WebhookEndpoint {
  return {
    id: row.id,
    url: row.url,
    events: (row.events as WebhookEndpoint['events'] | null) ?? WEBHOOK_EVENT_TYPES,
    description: row.description,
    status: row.status as WebhookEndpoint['status'],
    disabledBecause: row.disabled_because as WebhookEndpoint['disabledBecause'],
    failingSince: row.failing_since?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
