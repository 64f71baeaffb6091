import { readFileSync } from 'node:fs';

/** A setting is missing or wrong. The message names each one on a separate line. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
}

/**
 * Variables that must not be visible in process lists or images. For each of them `<NAME>_FILE` can
 * name a file with the value.
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
  'SMTP_URL',
] as const;

/** Environment variables that are set to something. */
export type Variables = Record<string, string>;

/**
 * Returns the environment, with secrets read from the files that `<NAME>_FILE` names, as
 * orchestrators mount them. Line ends after a secret are removed. An empty variable, which Compose
 * files often contain, counts as not set; so does an empty file.
 *
 * @throws ConfigurationError when a file can't be read, or a secret is given both ways. The message
 * never contains the secret.
 */
export function withSecretFiles(source: NodeJS.ProcessEnv): Variables {
  const given = withoutEmpty(source);
  const faults: string[] = [];
  for (const name of SECRETS) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) {
      faults.push(`${name} and ${name}_FILE are both set: set only one of them.`);
      continue;
    }
    try {
      given[name] = readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Its value is not shown: it may be the secret itself, set to the wrong variable.
      faults.push(`${name}_FILE: the file that it names can't be read (${String(code)}).`);
    }
  }
  if (faults.length > 0)
    throw new ConfigurationError(`The environment is not valid.\n${faults.join('\n')}`);
  return withoutEmpty(given);
}

function withoutEmpty(source: NodeJS.ProcessEnv): Variables {
  return Object.fromEntries(
    Object.entries(source).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
