import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { CommandFailure } from './failure';

/** A running local stack (`npm run dev`), and the settings that other programs need. */
export interface LocalStack {
  dataDir: string;
  /** By their names in the environment. */
  variables: Record<string, string>;
}

/**
 * Finds the local stack that runs on a data folder; undefined when none does.
 *
 * @throws CommandFailure when its secrets can't be read.
 */
export function findLocalStack(dataDir: string): LocalStack | undefined {
  const devEnv = path.join(dataDir, 'run/dev.env');
  if (!isRunning(path.join(dataDir, 'run/dev.lock')) || !existsSync(devEnv)) return undefined;
  const told = Object.entries(parseEnv(readFileSync(devEnv, 'utf8')));
  const variables = Object.fromEntries(
    told.flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
  return {
    dataDir,
    variables: { ...variables, PAYLOAD_ENCRYPTION_KEYS: readEncryptionKeys(dataDir) },
  };
}

/** Its supervisor keeps a lock file with its process ID for as long as it runs. */
function isRunning(lock: string): boolean {
  if (!existsSync(lock)) return false;
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')), 0);
  } catch (error) {
    // It runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const Secrets = z.object({ payloadEncryptionKeys: z.string().min(1) });

function readEncryptionKeys(dataDir: string): string {
  const file = path.join(dataDir, 'secrets.json');
  try {
    return Secrets.parse(JSON.parse(readFileSync(file, 'utf8'))).payloadEncryptionKeys;
  } catch {
    throw new CommandFailure(`The local stack's secrets can't be read: ${file}.`);
  }
}
