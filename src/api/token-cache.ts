import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';

/** Verifies a token and returns its claims; rejects if the token is not valid. */
export type Verify = (token: string) => Promise<JWTPayload>;

/**
 * A customer books and pays within a minute or so. Published keys are cached for ten minutes, so
 * this adds little to the time for which a withdrawn key is still accepted.
 */
const MAX_AGE_MS = 60_000;

/** More callers than one process serves in a minute. Their claims take a few megabytes. */
const MAX_TOKENS = 5_000;

/**
 * Verifies each token once per minute: signatures are a tenth of what a request costs the API.
 *
 * Only valid tokens are kept, by their digest, and none past its expiry. Rejections are not kept.
 */
export function verifyOncePerMinute(verify: Verify): Verify {
  const verified = new LRUCache<string, { claims: JWTPayload; until: number }>({ max: MAX_TOKENS });
  return async (token) => {
    const digest = hash('sha256', token, 'base64url');
    const known = verified.get(digest);
    if (known !== undefined && Date.now() < known.until) return known.claims;
    const claims = await verify(token);
    const expiresAt = (claims.exp ?? 0) * 1_000;
    verified.set(digest, { claims, until: Math.min(expiresAt, Date.now() + MAX_AGE_MS) });
    return claims;
  };
}
