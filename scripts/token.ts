import { parseArgs } from 'node:util';
import { runAsCommand } from './stack/command';
import { StackFailure } from './stack/failure';
import { mintToken } from './stack/mint';
import { localEnvironment, readSettings } from './stack/settings';
import { findSigning } from './stack/signing';

const USAGE =
  'npm run --silent token -- --sub USER [--scope bookings|operator] [--expires-in 8h] [--max-open-holds 50]';

/** npm run --silent token: prints a token that the API of the local stack accepts, and nothing else. */
async function main(): Promise<void> {
  const request = readArguments();
  const signing = findSigning(readSettings(localEnvironment()));
  const token = await mintToken(signing, request).catch((error: unknown) => {
    throw error instanceof TypeError
      ? new StackFailure(`--expires-in can't be "${request.expiresIn}". ${USAGE}`)
      : error;
  });
  console.log(token);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        sub: { type: 'string' },
        scope: { type: 'string', default: 'bookings' },
        'expires-in': { type: 'string', default: '8h' },
        'max-open-holds': { type: 'string' },
      },
    });
    const { sub, scope, 'expires-in': expiresIn, 'max-open-holds': openHolds } = values;
    if (sub === undefined || sub === '') throw new TypeError('--sub is required');
    if (!['bookings', 'operator'].includes(scope))
      throw new TypeError(`there is no scope "${scope}"`);
    if (openHolds !== undefined && !/^[1-9]\d{0,3}$|^10000$/.test(openHolds))
      throw new TypeError('--max-open-holds is a number from 1 to 10000');
    return {
      sub,
      scope,
      expiresIn,
      ...(openHolds === undefined ? {} : { maxOpenHolds: Number(openHolds) }),
    };
  } catch (error) {
    throw new StackFailure(`${(error as Error).message}. Usage: ${USAGE}`);
  }
}

runAsCommand(main);
