import type { Db } from '../connection';

/** How many bound keys one batch has. */
const ANSWERS = 5_000;

/** A key that is bound to an answer: caller, route and key. Empty before the first. */
type BoundKey = readonly string[];

/**
 * Returns the last of the next keys, of all callers or of one; null when there are no more.
 */
export async function nextAnswers(
  db: Db,
  after: BoundKey,
  caller?: string,
): Promise<string[] | null> {
  const [afterCaller = caller ?? '', afterRoute = '', afterKey = ''] = after;
  const { rows } = await db.raw<{ rows: { caller_id: string; route: string; key: string }[] }>(
    `SELECT caller_id, route, key FROM (
       SELECT caller_id, route, key FROM idempotency_outcomes
       WHERE (caller_id, route, key) > (:afterCaller, :afterRoute, :afterKey)
         ${caller === undefined ? '' : 'AND caller_id = :caller'}
       ORDER BY caller_id, route, key LIMIT ${ANSWERS}
     ) next ORDER BY caller_id DESC, route DESC, key DESC LIMIT 1`,
    { afterCaller, afterRoute, afterKey, ...(caller === undefined ? {} : { caller }) },
  );
  const [last] = rows;
  return last === undefined ? null : [last.caller_id, last.route, last.key];
}

/** Returns the batch of keys behind one, up to another. */
export function rangeOf(after: BoundKey, last: BoundKey) {
  const [afterCaller = '', afterRoute = '', afterKey = ''] = after;
  const [lastCaller = '', lastRoute = '', lastKey = ''] = last;
  return { afterCaller, afterRoute, afterKey, lastCaller, lastRoute, lastKey };
}
