import type { Db } from '../connection';
import type { IdempotencyKey, Outcome } from './outcome';

/**
 * Binds a key to its outcome, in the transaction that caused the outcome: after a crash either both
 * are stored or neither.
 *
 * Safe to retry: the first outcome stays. `hold_limit_reached` is no outcome, though earlier
 * versions stored it: it is replaced.
 */
export async function bindOutcome(trx: Db, key: IdempotencyKey, outcome: Outcome): Promise<void> {
  await trx('idempotency_outcomes')
    .insert({
      caller_id: key.callerId,
      route: key.route,
      key: key.key,
      fingerprint: outcome.fingerprint,
      kind: outcome.kind,
      body: JSON.stringify(outcome.body),
    })
    .onConflict(['caller_id', 'route', 'key'])
    .merge(['fingerprint', 'kind', 'body'])
    .whereRaw("kind_of_outcome(idempotency_outcomes) = 'hold_limit_reached'");
}
