import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { StackFailure } from './failure';
import { writeWhole } from './files';
import type { Settings } from './settings';

const Secrets = z.object({
  postgresPassword: z.string().min(1),
  authJwtSecret: z.string().min(1),
  paymentEventsSecret: z.string().min(1),
  payloadEncryptionKeys: z.string().min(1),
});

export type Secrets = z.infer<typeof Secrets>;

/** Starts every generated secret that is text, so that production can tell it and refuse it. */
const MARK = 'dev-only-';

/**
 * The stack's secrets: those the environment gives, else those kept in the data folder, which are
 * made at the first start.
 */
export function openSecrets({ dataDir, givenSecrets }: Settings): Secrets {
  const file = path.join(dataDir, 'secrets.json');
  if (!existsSync(file)) writeWhole(file, JSON.stringify(makeSecrets(), null, 2), 0o600);
  const kept = readSecrets(file);
  return {
    postgresPassword: kept.postgresPassword,
    authJwtSecret: givenSecrets.authJwtSecret ?? kept.authJwtSecret,
    paymentEventsSecret: givenSecrets.paymentEventsSecret ?? kept.paymentEventsSecret,
    payloadEncryptionKeys: givenSecrets.payloadEncryptionKeys ?? kept.payloadEncryptionKeys,
  };
}

function readSecrets(file: string): Secrets {
  try {
    return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    throw new StackFailure(
      `${file} is damaged, and the data can't be opened without it: restore it, or remove the whole data folder to start afresh.`,
    );
  }
}

function makeSecrets(): Secrets {
  return {
    postgresPassword: randomBytes(24).toString('hex'),
    authJwtSecret: MARK + randomBytes(32).toString('base64url'),
    // Nine bytes of mark are twelve whole characters of base64, so this one begins the same each
    // time, too.
    paymentEventsSecret: `whsec_${Buffer.concat([Buffer.from(MARK), randomBytes(24)]).toString('base64')}`,
    payloadEncryptionKeys: `${MARK}1:${randomBytes(32).toString('base64')}`,
  };
}
