import { SignJWT } from 'jose';

export interface TokenRequest {
  sub: string;
  scope: string;
  /** Like `8h` or `30m`, as jose reads it. */
  expiresIn: string;
  /** How many unpaid bookings its bearer may hold at once: a reseller's token. */
  maxOpenHolds?: number;
}

/** Returns a token as the API takes it: HS256 by the shared secret. */
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
