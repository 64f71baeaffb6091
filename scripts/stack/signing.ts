import { readDevEnv } from './dev-env';
import { StackFailure } from './failure';
import type { Settings } from './settings';

/**
 * What the API of the local stack checks tokens against: as the environment says, else as the stack was started.
 *
 * @throws StackFailure when it takes the tokens of an issuer with published keys.
 */
export function findSigning(settings: Settings) {
  const secret = settings.givenSecrets.authJwtSecret;
  if (secret !== undefined) return { secret, issuer: settings.issuer, audience: settings.audience };
  const stack = readDevEnv(settings.runDir);
  if (stack.AUTH_JWT_SECRET === undefined) {
    throw new StackFailure(
      'This stack takes the tokens of the issuer behind AUTH_JWKS_URL: get one there.',
    );
  }
  return {
    secret: stack.AUTH_JWT_SECRET,
    issuer: stack.AUTH_ISSUER ?? settings.issuer,
    audience: stack.AUTH_AUDIENCE ?? settings.audience,
  };
}
