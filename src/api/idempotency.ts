import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { v5 as uuidv5 } from 'uuid';
import type { IdempotentRoute } from '../db/idempotency/outcome';
import { REFUSAL_TEXTS } from '../domain/refusal-texts';
import { Problem } from './problem';

/**
 * Visible ASCII, no spaces: a header sent twice, which arrives joined by a comma and a space, is
 * not a key.
 */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Reads the idempotency key from either of two headers.
 *
 * @throws Problem `idempotency_key_invalid` when it isn't 1 to 255 visible ASCII characters, or the
 * headers differ.
 */
export function idempotencyKeyOf({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
  const given = [headers['x-idempotency-key'], headers['idempotency-key']]
    .filter((key) => key !== undefined)
    .map(String);
  const [key, other] = given;
  if (key === undefined) return null;
  if (!KEY.test(key) || (other !== undefined && other !== key)) {
    throw new Problem(
      'idempotency_key_invalid',
      'An idempotency key has 1 to 255 visible ASCII characters, the same in both headers if both are sent.',
    );
  }
  return key;
}

/** @throws Problem `idempotency_key_required` when there is none. */
export function requiredIdempotencyKeyOf(req: Pick<IncomingMessage, 'headers'>): string {
  const key = idempotencyKeyOf(req);
  if (key === null) {
    throw new Problem(
      'idempotency_key_required',
      'Send an x-idempotency-key, so that a retry charges no one twice.',
    );
  }
  return key;
}

const KEY_NAMESPACE = 'f3b1c1de-5c77-4f0e-9a55-0b8a6d1b7c42';

/**
 * Returns the ID that a caller's key on a route stands for. It is always the same, so a retry finds
 * what the first request began.
 */
export function idOfKey(
  callerId: string,
  route: IdempotentRoute | 'amendments' | 'schedule-changes',
  key: string,
): string {
  return uuidv5(JSON.stringify([callerId, route, key]), KEY_NAMESPACE);
}

/**
 * Returns the digest of a parsed request, whose fields are in the order of its schema. Equal
 * requests have equal digests, however they were written.
 */
export function fingerprintOf(request: unknown): string {
  return hash('sha256', JSON.stringify(request), 'base64url');
}

/** @throws Problem `idempotency_key_reused` when the key came with another request before. */
export function requireSameRequest(
  known: { fingerprint: string | null },
  fingerprint: string,
): void {
  if (known.fingerprint !== fingerprint) {
    throw new Problem('idempotency_key_reused', REFUSAL_TEXTS.keyReused);
  }
}
