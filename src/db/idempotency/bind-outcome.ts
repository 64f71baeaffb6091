import type { Db } from '../connection';

export type IdempotentRoute = 'bookings' | 'payments';

/** A caller's key on one route, and the digest of the request that it came with. */
export interface IdempotencyKey {
  callerId: string;
  route: IdempotentRoute;
  key: string;
}

/** The first answer that a key got: a status code, and a body to be repeated letter by letter. */
export interface Outcome {
  fingerprint: string;
  statusCode: number;
  body: unknown;
}

/** Never binds a key: it tells to wait, and then the same request may succeed. */
const TOO_MANY_REQUESTS = 429;

/**
 * Binds a key to its outcome, in the transaction that brought the outcome about: either both are
 * there after a crash or neither.
 *
 * Safe to retry: the first outcome stays. A 429 is none, though earlier versions stored it: it
 * gives way.
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
