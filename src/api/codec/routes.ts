import type { Payload, PayloadCodec } from '@temporalio/common';
import { Router, type RequestHandler } from 'express';
import type { ApiConfig } from '../../config';
import { UnreadablePayload } from '../../temporal/encryption/codec';
import { authenticate, operatorsOnly } from '../auth';
import { jsonBodyUpTo } from '../body';
import { invalidField } from '../problem';
import { fromJson, JsonPayloads, toJson } from './payloads';
import { openSession, tokenInLink, tokenInSession } from './session';

/** As much as Temporal itself takes in one message. */
const MAX_BODY = '4mb';

export interface CodecDependencies {
  config: Pick<ApiConfig, 'auth' | 'temporalUiUrl'>;
  codec: PayloadCodec;
}

/**
 * Temporal's remote codec protocol, for operators alone: its UI and command line post encrypted payloads here and show what comes back. Nothing of it
 * is kept or logged.
 */
export function codecRoutes({ config, codec }: CodecDependencies): Router {
  const routes = Router();
  const operator = [authenticate(config.auth), operatorsOnly];
  routes.get('/session', tokenInLink, operator, openSession(config.temporalUiUrl));
  routes.use(tokenInSession, operator, jsonBodyUpTo(MAX_BODY));
  routes.post(
    '/decode',
    converted((payloads) => codec.decode(payloads).catch(explain)),
  );
  routes.post(
    '/encode',
    converted((payloads) => codec.encode(payloads)),
  );
  return routes;
}

/** Answers as many payloads as were sent, in the same order. */
function converted(convert: (payloads: Payload[]) => Promise<Payload[]>): RequestHandler {
  return async (req, res) => {
    const { payloads } = JsonPayloads.parse(req.body);
    const answer = await convert(payloads.map(fromJson));
    res.set('Cache-Control', 'no-store').json({ payloads: answer.map(toJson) });
  };
}

function explain(error: unknown): never {
  throw error instanceof UnreadablePayload ? invalidField('/payloads', error.message) : error;
}
