import {
  MAX_ENDPOINTS_PER_OWNER,
  PREVIOUS_SECRET_HOURS,
  type WebhookEndpoint,
  type WebhookEventType,
} from '../../domain/webhooks/endpoint';
import type { Db } from '../connection';
import { namedLock } from '../named-lock';
import { run } from '../statement';
import { toEndpoint } from './endpoint-view';
import { endPending } from './end-pending';

/** The API's own table: the webhook endpoints of shops. */

const HOUR_MS = 60 * 60 * 1000;

const LOCK_OWNER = namedLock('lock_webhook_owner');

/** What an owner decides of an endpoint. */
export interface EndpointSettings {
  url: string;
  /** Null for every type, also for those that come later. */
  events: readonly WebhookEventType[] | null;
  description: string | null;
}

/** What is left out stays as it is. */
export type EndpointChange = {
  [Name in keyof EndpointSettings]?: EndpointSettings[Name] | undefined;
} & { status?: 'enabled' | 'disabled' | undefined };

export interface NewEndpoint extends EndpointSettings {
  id: string;
  ownerId: string;
  /** Encrypted. */
  secret: string;
  /** The idempotency key of the request, and the digest of its body; null without a key. */
  key: { key: string; fingerprint: string } | null;
}

export type CreatedEndpoint =
  | { kind: 'created'; endpoint: WebhookEndpoint }
  /** The key has created this one before. */
  | { kind: 'replayed'; fingerprint: string; endpoint: WebhookEndpoint }
  /** The owner has as many as one may have; nothing was written. */
  | { kind: 'too_many' };

/**
 * Registers an endpoint, and binds its key to it.
 *
 * Safe to retry with a key: the first endpoint is returned, as it was created. Requests of one owner
 * wait for one another, so that the limit holds.
 */
export async function createEndpoint(
  db: Db,
  { id, ownerId, url, events, description, secret, key }: NewEndpoint,
): Promise<CreatedEndpoint> {
  return db.transaction(async (trx) => {
    await run(trx, LOCK_OWNER, [`webhook-endpoints/${ownerId}`]);
    const bound =
      key &&
      (await trx('webhook_endpoint_keys').where({ owner_id: ownerId, key: key.key }).first());
    if (bound) {
      const endpoint = bound.body as WebhookEndpoint;
      return { kind: 'replayed', fingerprint: bound.fingerprint, endpoint };
    }
    const owned = await trx('webhook_endpoints').where({ owner_id: ownerId }).pluck('id');
    if (owned.length >= MAX_ENDPOINTS_PER_OWNER) return { kind: 'too_many' };
    const [row] = await trx('webhook_endpoints')
      .insert({
        id,
        owner_id: ownerId,
        url,
        events: events && [...events],
        description,
        secret,
        created_at: new Date(),
      })
      .returning('*');
    if (row === undefined) throw new Error('Bug: an inserted endpoint vanished');
    const endpoint = toEndpoint(row);
    if (key !== null)
      await trx('webhook_endpoint_keys').insert({
        owner_id: ownerId,
        ...key,
        body: JSON.stringify(endpoint),
      });
    return { kind: 'created', endpoint };
  });
}

/**
 * Changes what is given. Returns undefined when the owner has no such endpoint. Safe to repeat.
 *
 * One that is disabled gets nothing more: what it was still to get fails. One that is enabled again
 * gets what happens from then on. A new address has not failed yet.
 */
export async function changeEndpoint(
  db: Db,
  ownerId: string,
  endpointId: string,
  change: EndpointChange,
): Promise<WebhookEndpoint | undefined> {
  const { status, url, events, description } = change;
  return db.transaction(async (trx) => {
    const found = await trx('webhook_endpoints')
      .where({ id: endpointId, owner_id: ownerId })
      .forUpdate()
      .first();
    if (found === undefined) return undefined;
    const isSwitched = status !== undefined && status !== found.status;
    const isMoved = url !== undefined && url !== found.url;
    const standing = {
      ...(isSwitched && {
        status,
        disabled_because: status === 'disabled' ? 'owner_request' : null,
      }),
      ...((isSwitched || isMoved) && { failing_since: null }),
    };
    const [row = found] = await trx('webhook_endpoints')
      .where({ id: endpointId })
      .update({
        url: url ?? found.url,
        events: events === undefined ? found.events : events && [...events],
        description: description === undefined ? found.description : description,
        ...standing,
      })
      .returning('*');
    if (isSwitched && status === 'disabled') await endPending(trx, endpointId);
    return toEndpoint(row);
  });
}

/** Deletes an endpoint with its deliveries. Returns whether the owner had it. */
export async function deleteEndpoint(
  db: Db,
  ownerId: string,
  endpointId: string,
): Promise<boolean> {
  const deleted = await db('webhook_endpoints')
    .where({ id: endpointId, owner_id: ownerId })
    .delete();
  return deleted === 1;
}

/**
 * Replaces the secret. The one before signs beside it for a day; one before that no more. Returns
 * when that day ends; undefined when the owner has no such endpoint.
 */
export async function replaceSecret(
  db: Db,
  ownerId: string,
  { id, secret }: { id: string; secret: string },
): Promise<{ endpoint: WebhookEndpoint; previousSecretUntil: Date } | undefined> {
  const previousSecretUntil = new Date(Date.now() + PREVIOUS_SECRET_HOURS * HOUR_MS);
  const [row] = await db('webhook_endpoints')
    .where({ id, owner_id: ownerId })
    .update({
      previous_secret: db.ref('secret') as unknown as string,
      previous_secret_until: previousSecretUntil,
      secret,
    })
    .returning('*');
  return row && { endpoint: toEndpoint(row), previousSecretUntil };
}
