import type { Db } from '../connection';
import type { IdempotencyKey, Outcome } from './bind-outcome';

/** Returns the outcome that a key is bound to, if any. */
export async function findOutcome(
  db: Db,
  { callerId, route, key }: IdempotencyKey,
): Promise<Outcome | undefined> {
  const row = await db('idempotency_outcomes').where({ caller_id: callerId, route, key }).first();
  return row && { fingerprint: row.fingerprint, statusCode: row.status_code, body: row.body };
}
