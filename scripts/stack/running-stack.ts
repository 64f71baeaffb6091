import type { LocalStack } from '../../src/cli/local-stack';
import { mintToken } from '../../src/cli/mint';
import { required, type Target } from '../../src/cli/target';
import { StackFailure } from './failure';

/** The local stack that the target is. @throws StackFailure when it is none. */
export function requireStack({ stack, whyNotLocal }: Target): LocalStack {
  if (stack === undefined) throw new StackFailure(`This is for a local stack: ${whyNotLocal}.`);
  return stack;
}

/** Returns a token of an operator that the stack's API takes for eight hours. */
export async function operatorToken(target: Target): Promise<string> {
  const { secret, issuer, audience } = target.config.auth;
  return await mintToken(
    {
      secret: required(secret, 'AUTH_JWT_SECRET', target),
      issuer: required(issuer, 'AUTH_ISSUER', target),
      audience: required(audience, 'AUTH_AUDIENCE', target),
    },
    { sub: 'operator-1', scope: 'operator', expiresIn: '8h' },
  );
}
