import type { Db } from '../connection';
import { run, statement } from '../statement';
import type { IdempotencyKey, Outcome } from './outcome';

/**
 * Binds a key to its outcome, in the transaction that caused the outcome: after a crash either both
 * are stored or neither.
 *
 * Safe to retry: the first outcome stays. `hold_limit_reached` is no outcome, though earlier
 * versions stored it: it is replaced.
 */
export async function bindOutcome(
  trx: Db,
  { callerId, route, key }: IdempotencyKey,
  { fingerprint, kind, body }: Outcome,
): Promise<void> {
  const outcome = [callerId, route, key, fingerprint, kind, JSON.stringify(body)] as const;
  await run(trx, BIND_OUTCOME, outcome);
}

/**
 * The same within a larger statement. `source` is a query of at most one row: caller, route, key,
 * fingerprint, kind, and the body as `json`.
 */
export function bindOutcomeSql(source: string): string {
  return `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, body)
     ${source}
     ON CONFLICT (caller_id, route, key) DO UPDATE SET
       (fingerprint, kind, body) = (EXCLUDED.fingerprint, EXCLUDED.kind, EXCLUDED.body)
     WHERE kind_of_outcome(idempotency_outcomes) = 'hold_limit_reached'`;
}

type OutcomeValues = readonly [
  callerId: string,
  route: string,
  key: string,
  fingerprint: string,
  kind: string,
  body: string,
];

const BIND_OUTCOME = statement<object, OutcomeValues>(
  'bind_outcome',
  bindOutcomeSql('VALUES ($1, $2, $3, $4, $5, $6::json)'),
);
