import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { StackFailure } from './failure';
import { writeWhole } from './files';

/**
 * What other programs need to talk to a running stack. Undefined is what this stack doesn't have.
 */
export type DevEnv = Record<
  | 'API_URL'
  | 'DATABASE_URL'
  | 'TEMPORAL_ADDRESS'
  | 'TEMPORAL_UI_URL'
  | 'AUTH_JWT_SECRET'
  | 'AUTH_ISSUER'
  | 'AUTH_AUDIENCE'
  | 'PAYMENT_EVENTS_SECRET',
  string | undefined
>;

const fileIn = (runDir: string) => path.join(runDir, 'dev.env');

/**
 * Writes `dev.env`, which a shell can source and `process.loadEnvFile` can read. It holds secrets.
 */
export function writeDevEnv(runDir: string, env: DevEnv): void {
  const lines = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}\n`],
  );
  writeWhole(fileIn(runDir), lines.join(''), 0o600);
}

/** Most values need no quotes, and simple readers then get along too. */
function quoted(value: string): string {
  return /^[\w:/.@%+=,-]*$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * What the stack on this data folder wrote at its last start.
 *
 * @throws StackFailure when it has never been started.
 */
export function readDevEnv(runDir: string): DevEnv {
  const file = fileIn(runDir);
  if (!existsSync(file)) {
    throw new StackFailure(
      `There is no ${file}: start the local stack first, with \`npm run dev\`.`,
    );
  }
  return parseEnv(readFileSync(file, 'utf8')) as DevEnv;
}
