import { randomBytes, randomUUID } from 'node:crypto';
import { Router, type Response } from 'express';
import type { Db } from '../../db/connection';
import { listEndpoints } from '../../db/webhooks/endpoint-view';
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  replaceSecret,
} from '../../db/webhooks/endpoints';
import type { SecretCipher } from '../../db/webhooks/secret-cipher';
import { MAX_ENDPOINTS_PER_OWNER, type WebhookEndpoint } from '../../domain/webhooks/endpoint';
import { customerOf } from '../auth';
import { fingerprintOf, idempotencyKeyOf, requireSameRequest } from '../idempotency';
import { Problem } from '../problem';
import { limitActions } from './action-limit';
import { requireEndpoint, requireFound, requireId } from './found';
import { changeEndpointRequest, createEndpointRequest } from './schemas';
import type { UrlRules } from './url';

export interface WebhookEndpointDependencies {
  db: Db;
  counterDb: Db;
  webhookSecrets: SecretCipher;
  urlRules: UrlRules;
}

/** The Standard Webhooks scheme asks for 24 to 64 random bytes. */
const SECRET_BYTES = 32;

const newSecret = () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Addresses that a customer's shop has events sent to. */
export function webhookEndpointRoutes({
  db,
  counterDb,
  webhookSecrets,
  urlRules,
}: WebhookEndpointDependencies): Router {
  const CreateRequest = createEndpointRequest(urlRules);
  const ChangeRequest = changeEndpointRequest(urlRules);
  const limited = limitActions(counterDb);
  const routes = Router();

  routes.post('/', async (req, res) => {
    const ownerId = customerOf(res).id;
    const key = idempotencyKeyOf(req);
    const request = CreateRequest.parse(req.body);
    const fingerprint = fingerprintOf(request);
    const id = randomUUID();
    const secret = newSecret();
    const created = await createEndpoint(db, {
      ...request,
      id,
      ownerId,
      secret: webhookSecrets.seal(id, secret),
      key: key === null ? null : { key, fingerprint },
    });
    switch (created.kind) {
      case 'created':
        sendCreated(res, { ...created.endpoint, secret });
        break;
      case 'replayed':
        requireSameRequest(created, fingerprint);
        res.set('Idempotent-Replayed', 'true');
        sendCreated(res, created.endpoint);
        break;
      case 'too_many':
        throw new Problem(
          'too_many_webhook_endpoints',
          `An owner has at most ${String(MAX_ENDPOINTS_PER_OWNER)} webhook endpoints.`,
        );
      default:
        throw new Error(`Bug: ${String(created satisfies never)} is no creation`);
    }
  });

  routes.get('/', async (_req, res) => {
    res.json({ data: await listEndpoints(db, customerOf(res).id) });
  });

  routes.get('/:id', async (req, res) => {
    res.json(await requireEndpoint(db, res, req.params.id));
  });

  routes.patch('/:id', async (req, res) => {
    const ownerId = customerOf(res).id;
    const id = requireId(req.params.id);
    const change = ChangeRequest.parse(req.body);
    res.json(requireFound(await changeEndpoint(db, ownerId, id, change)));
  });

  routes.delete('/:id', async (req, res) => {
    const ownerId = customerOf(res).id;
    const id = requireId(req.params.id);
    requireFound((await deleteEndpoint(db, ownerId, id)) || undefined);
    res.status(204).end();
  });

  routes.post('/:id/rotate-secret', limited('rotate-secret'), async (req, res) => {
    const ownerId = customerOf(res).id;
    const id = requireId(req.params.id);
    const secret = newSecret();
    const sealed = webhookSecrets.seal(id, secret);
    const rotated = requireFound(await replaceSecret(db, ownerId, { id, secret: sealed }));
    const previousSecretExpiresAt = rotated.previousSecretUntil.toISOString();
    res.json({ ...rotated.endpoint, secret, previousSecretExpiresAt });
  });

  return routes;
}

function sendCreated(res: Response, endpoint: WebhookEndpoint & { secret?: string }): void {
  res.status(201).location(`/api/v1/webhook-endpoints/${endpoint.id}`).json(endpoint);
}
