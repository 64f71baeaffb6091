import type { Db } from '../connection';

export type IdempotentRoute = 'bookings' | 'payments';

/** A caller's key on one route, and the digest of the request that it came with. */
export interface IdempotencyKey {
  callerId: string;
  route: IdempotentRoute;
  key: string;
}

/** The first response that a key got: a status code, and a body that is repeated exactly. */
export interface Outcome {
  fingerprint: string;
  statusCode: number;
  body: unknown;
}

/** Never binds a key: it says to wait, after which the same request may succeed. */
const TOO_MANY_REQUESTS = 429;

/**
 * Binds a key to its outcome, in the transaction that caused the outcome: after a crash either both
 * are stored or neither.
 *
 * Safe to retry: the first outcome stays. A 429 is no outcome, though earlier versions stored it:
 * it is replaced.
 */
export async function bindOutcome(trx: Db, key: IdempotencyKey, outcome: Outcome): Promise<void> {
  await trx('idempotency_outcomes')
    .insert({
      caller_id: key.callerId,
      route: key.route,
      key: key.key,
      fingerprint: outcome.fingerprint,
      status_code: outcome.statusCode,
      body: JSON.stringify(outcome.body),
    })
    .onConflict(['caller_id', 'route', 'key'])
    .merge(['fingerprint', 'status_code', 'body'])
    .where('idempotency_outcomes.status_code', TOO_MANY_REQUESTS);
}
