import type { Db } from '../connection';
import type { IdempotencyKey, Outcome } from './outcome';

/** Returns the outcome that a key is bound to, if any. */
export async function findOutcome(
  db: Db,
  { callerId, route, key }: IdempotencyKey,
): Promise<Outcome | undefined> {
  return db('idempotency_outcomes as o')
    .where({ caller_id: callerId, route, key })
    .first<Outcome | undefined>('fingerprint', db.raw('kind_of_outcome(o) AS kind'), 'body');
}
