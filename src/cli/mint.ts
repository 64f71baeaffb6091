import { SignJWT } from 'jose';

export interface TokenRequest {
  sub: string;
  scope: string;
  /** Lifetime, such as `8h` or `30m`, in jose's format. */
  expiresIn: string;
  /** How many open holds its bearer may have: for a reseller's token. */
  maxOpenHolds?: number;
}

/** Returns a token that the API accepts: HS256 with the shared secret. */
export async function mintToken(
  { secret, issuer, audience }: { secret: string; issuer: string; audience: string },
  { sub, scope, expiresIn, maxOpenHolds }: TokenRequest,
): Promise<string> {
  return await new SignJWT({
    scope,
    ...(maxOpenHolds === undefined ? {} : { max_open_holds: maxOpenHolds }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(sub)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(secret));
}
