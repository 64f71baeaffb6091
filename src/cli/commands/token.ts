import { Option } from 'commander';
import { line, lifetime, openHolds } from '../arguments';
import type { AddCommand } from '../command';
import { CommandFailure } from '../failure';
import { mintToken } from '../mint';
import { required, type Target } from '../target';

interface Options {
  sub: string;
  scope: string;
  expiresIn: string;
  maxOpenHolds?: number;
}

export const addToken: AddCommand = ({ program, systems, say }) => {
  program
    .command('token')
    .description('prints a token that the API accepts, and nothing else')
    .requiredOption('--sub <user>', 'the user that the token is for', line)
    .addOption(
      new Option('--scope <scope>', 'what the token allows')
        .choices(['bookings', 'operator'])
        .default('bookings'),
    )
    .option('--expires-in <time>', 'its lifetime, such as 30m or 8h', lifetime, '8h')
    .option('--max-open-holds <number>', 'how many unpaid bookings its user may have', openHolds)
    .action(async (request: Options) => {
      const token = await mintToken(signingOf(systems.target()), request);
      say({ result: token, text: token });
    });
};

/** @throws CommandFailure when the API takes the tokens of an issuer with published keys. */
function signingOf(target: Target) {
  const { secret, issuer, audience } = target.config.auth;
  if (secret === undefined && target.stack !== undefined)
    throw new CommandFailure(
      'This stack accepts the tokens of the issuer of AUTH_JWKS_URL: request one there.',
    );
  return {
    secret: required(secret, 'AUTH_JWT_SECRET', target),
    issuer: required(issuer, 'AUTH_ISSUER', target),
    audience: required(audience, 'AUTH_AUDIENCE', target),
  };
}
