import type { Operation } from '../history/read';
import { isRefused, problemOf } from './bodies';
import { groupBy } from './group-by';

/**
 * Operations that are one request, in the order of sending: those of a client that share a key. A
 * key belongs to its caller and its route; what has no key is a request of its own.
 */
export type Attempts = Operation[];

export function groupByKey(operations: Operation[]): Attempts[] {
  const groups = groupBy(operations, ({ id, client, key, request }) => {
    const route = request.path.replace(/[0-9a-f-]{36}/g, ':id');
    return key === undefined ? id : JSON.stringify([client, request.method, route, key]);
  });
  return [...groups.values()];
}

export function firstSentAt(attempts: Attempts): number {
  return Math.min(...attempts.map(({ sentAt }) => sentAt));
}

/** When its success was told first; what follows is the same answer again. Infinity: never. */
export function doneAt(attempts: Attempts): number {
  const done = attempts.filter(({ response }) => [200, 201].includes(response?.status ?? 0));
  return Math.min(...done.map(({ endedAt }) => endedAt));
}

/**
 * Whether a request had no effect, and will have none: none of its attempts succeeded, and one was
 * refused for good when no other was on its way any more. What was lost before, or answered with
 * 202, is settled by that, too: all attempts have one outcome.
 */
export function cameToNothing(attempts: Attempts): boolean {
  return (
    doneAt(attempts) === Infinity &&
    attempts
      .filter(isOwnRefusal)
      .some((refusal) =>
        attempts.every((other) => isRefused(other.response) || other.endedAt <= refusal.sentAt),
      )
  );
}

/**
 * The attempts that had the effect, or may have had it. A refusal before anything was begun leaves its
 * key free: what was asked for until then came to nothing, and may have been something else. All of
 * them, where none is left.
 */
export function effectiveOf(attempts: Attempts): Attempts {
  const refusedAt = Math.max(...attempts.filter(isOwnRefusal).map(({ sentAt }) => sentAt));
  const left = attempts.filter(
    ({ response, endedAt }) => !isRefused(response) && endedAt > refusedAt,
  );
  return left.length > 0 ? left : attempts;
}

function isOwnRefusal({ response }: Operation): boolean {
  return isRefused(response) && problemOf(response)?.code !== OF_ANOTHER_REQUEST;
}

/** Says nothing of the request that the key belongs to. */
const OF_ANOTHER_REQUEST = 'idempotency_key_reused';
