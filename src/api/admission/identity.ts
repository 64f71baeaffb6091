import type { IncomingMessage } from 'node:http';
import { decodeJwt } from 'jose';
import { bearerTokenOf } from '../auth';
import { idempotencyKeyOf } from '../idempotency';
import { Problem } from '../problem';
import type { WorkKind } from './kinds';

/** Who sent a request, and under which key, before its token is checked. */
export interface Claimed {
  /** The subject that the token names; undefined without a token that can be read. */
  callerId: string | undefined;
  /** Null for none, and for one that will be refused. */
  key: string | null;
  /** Equal for requests of one caller, route and key; undefined without a key. */
  identity: string | undefined;
}

const KINDS_WITH_KEYS: readonly WorkKind[] = ['create', 'pay', 'write'];

/**
 * Reads what a request claims, for counting alone. The token is not verified, since that costs more
 * than a refusal may. Who claims to be another customer shares that one's slot, and is refused a
 * moment later.
 */
export function claimedBy(req: IncomingMessage, kind: WorkKind, path: string): Claimed {
  const key = KINDS_WITH_KEYS.includes(kind) ? keyOf(req) : null;
  if (key === null) return { callerId: undefined, key, identity: undefined };
  const callerId = subjectOf(req);
  const caller = callerId ?? req.headers.authorization;
  const identity = JSON.stringify([kind, path.toLowerCase(), caller, key]);
  return { callerId, key, identity };
}

function keyOf(req: IncomingMessage): string | null {
  try {
    return idempotencyKeyOf(req);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function subjectOf(req: IncomingMessage): string | undefined {
  try {
    return decodeJwt(bearerTokenOf(req) ?? '').sub;
  } catch {
    return undefined;
  }
}
