import { readFileSync } from 'node:fs';

/** A setting is missing or wrong; the message names each one in a line of its own. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/**
 * What nobody should find in a list of processes or in an image: each of these may be named by a
 * file instead.
 */
export const SECRETS = [
  'DATABASE_URL',
  'SANDBOX_DATABASE_URL',
  'API_DATABASE_URL',
  'WORKER_DATABASE_URL',
  'TEMPORAL_API_KEY',
  'PAYLOAD_ENCRYPTION_KEYS',
  'AUTH_JWT_SECRET',
  'PAYMENT_EVENTS_SECRET',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
] as const;

/** Environment variables that are set to something. */
export type Variables = Record<string, string>;

/**
 * The environment with its secrets read from the files that `<NAME>_FILE` names, as orchestrators
 * mount them; the line end behind a secret is no part of it. A variable set to nothing, as Compose
 * files often leave one, counts as not set, and so does a file with nothing in it.
 *
 * @throws ConfigurationError when a file can't be read, or a secret is given both ways. It never
 * shows the secret.
 */
export function withSecretFiles(source: NodeJS.ProcessEnv): Variables {
  const given = withoutEmpty(source);
  const faults: string[] = [];
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) {
      faults.push(`${name} and ${name}_FILE are both set: one of them is meant.`);
      continue;
    }
    try {
      given[name] = readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // What it is set to is not shown: whoever mistook it for the other variable has put the
      // secret there.
      faults.push(`${name}_FILE: the file that it names can't be read (${String(code)}).`);
    }
  }
  if (faults.length > 0)
    throw new ConfigurationError(`The environment is not usable.\n${faults.join('\n')}`);
  return withoutEmpty(given);
}

function withoutEmpty(source: NodeJS.ProcessEnv): Variables {
  return Object.fromEntries(
    Object.entries(source).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
