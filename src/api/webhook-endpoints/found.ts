import type { Response } from 'express';
import { z } from 'zod';
import type { Db } from '../../db/connection';
import { findEndpoint } from '../../db/webhooks/endpoint-view';
import type { WebhookEndpoint } from '../../domain/webhooks/endpoint';
import { customerOf } from '../auth';
import { Problem } from '../problem';

/** An ID in a path: one that can't be one names nothing. */
export const PathId = z.uuid().toLowerCase();

/** @throws Problem `webhook_endpoint_not_found` when there is none. */
export function requireFound<T>(found: T | undefined): T {
  if (found === undefined)
    throw new Problem('webhook_endpoint_not_found', 'There is no such webhook endpoint.');
  return found;
}

/** @throws Problem `webhook_endpoint_not_found` when it is no UUID. */
export function requireId(id: string): string {
  return requireFound(PathId.safeParse(id).data);
}

/** @throws Problem `webhook_endpoint_not_found`, also when it is another owner's. */
export async function requireEndpoint(db: Db, res: Response, id: string): Promise<WebhookEndpoint> {
  return requireFound(await findEndpoint(db, customerOf(res).id, requireId(id)));
}
