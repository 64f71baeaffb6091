import { hash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Db } from '../../db/connection';
import { callerOf } from '../auth';
import { Problem } from '../problem';
import { createRequestCounter } from '../rate-limit-counter';
import { createShares } from '../rate-limit-shares';

/** So many times a minute each; all of them send or sign something on a caller's word. */
const PER_MINUTE = 10;

type Action = 'ping' | 'rotate-secret' | 'redeliver';

/** Limits what a caller does to one endpoint, across all API processes. */
export function limitActions(db: Db) {
  const count = createRequestCounter(db, { points: PER_MINUTE, seconds: 60 });
  const shares = createShares(count, PER_MINUTE);
  return <Params extends { id: string }>(action: Action): RequestHandler<Params> =>
    async (req, res, next) => {
      const key = JSON.stringify([action, callerOf(res).id, req.params.id.toLowerCase()]);
      const { isAllowed, endsAt } = await shares.take(hash('sha256', key, 'base64url'));
      if (!isAllowed)
        throw new Problem('rate_limited', `At most ${String(PER_MINUTE)} of these a minute.`, {
          retryAfterSeconds: Math.max(1, Math.ceil((endsAt - Date.now()) / 1000)),
        });
      next();
    };
}
