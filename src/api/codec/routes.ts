import type { Payload, PayloadCodec } from '@temporalio/common';
import { Router, type RequestHandler } from 'express';
import type { ApiConfig } from '../../config';
import type { Db } from '../../db/connection';
import { UnreadablePayload } from '../../temporal/encryption/codec';
import { authenticate, operatorsOnly } from '../auth';
import { jsonBodyUpTo } from '../body';
import { invalidField } from '../problem';
import { fromJson, JsonPayloads, toJson } from './payloads';
import { bySessionOr, exchangeSessionCode, createSessionCode } from './session';

/** Temporal's own limit for one message. */
const MAX_BODY = '4mb';

export interface CodecDependencies {
  config: Pick<ApiConfig, 'auth' | 'temporalUiUrl'>;
  codec: PayloadCodec;
  db: Db;
}

/**
 * Temporal's remote codec protocol, for operators only. Its UI and command line post encrypted
 * payloads, and show what is returned. Nothing of it is stored or logged.
 */
export function codecRoutes({ config, codec, db }: CodecDependencies): Router {
  const routes = Router();
  const byToken = authenticate(config.auth);
  // By token only, so that a session can't make another one, and ends.
  routes.post('/session-codes', byToken, operatorsOnly, createSessionCode(db));
  routes.get('/session', exchangeSessionCode(db, config.temporalUiUrl));
  routes.use(bySessionOr(db, byToken), operatorsOnly, jsonBodyUpTo(MAX_BODY));
  routes.post(
    '/decode',
    convertPayloads((payloads) => codec.decode(payloads).catch(explain)),
  );
  routes.post(
    '/encode',
    convertPayloads((payloads) => codec.encode(payloads)),
  );
  return routes;
}

/** Returns as many payloads as were sent, in the same order. */
function convertPayloads(convert: (payloads: Payload[]) => Promise<Payload[]>): RequestHandler {
  return async (req, res) => {
    const { payloads } = JsonPayloads.parse(req.body);
    const converted = await convert(payloads.map(fromJson));
    res.set('Cache-Control', 'no-store').json({ payloads: converted.map(toJson) });
  };
}

function explain(error: unknown): never {
  throw error instanceof UnreadablePayload ? invalidField('/payloads', error.message) : error;
}
