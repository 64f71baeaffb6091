import type { Db } from '../connection';
import { run, statement } from '../statement';
import type { IdempotencyKey, Outcome } from './outcome';

/** Returns the outcome that a key is bound to, if any. */
export async function findOutcome(
  db: Db,
  { callerId, route, key }: IdempotencyKey,
): Promise<Outcome | undefined> {
  const [row] = await run(db, FIND_OUTCOME, [callerId, route, key]);
  return row?.outcome;
}

/**
 * A query of the outcome that a key is bound to, as one JSON value, or of no row. Its arguments are
 * SQL. The body comes letter by letter as it was stored.
 */
export function outcomeSql(of: { callerId: string; route: string; key: string }): string {
  return `SELECT json_build_object('fingerprint', o.fingerprint, 'kind', kind_of_outcome(o), 'body', o.body)
     FROM idempotency_outcomes o
     WHERE o.caller_id = ${of.callerId} AND o.route = ${of.route} AND o.key = ${of.key}`;
}

const FIND_OUTCOME = statement<
  { outcome: Outcome },
  [callerId: string, route: string, key: string]
>(
  'find_outcome',
  `SELECT bound.outcome FROM (${outcomeSql({ callerId: '$1', route: '$2', key: '$3' })})
     AS bound (outcome)`,
);
