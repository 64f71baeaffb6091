import { readDevEnv } from './dev-env';
import { StackFailure } from './failure';
import { localEnvironment, readSettings } from './settings';

/**
 * The database that a command is meant for: the one that the environment names, else the local stack's.
 *
 * @throws StackFailure when there is neither.
 */
export function databaseUrl(): string {
  const settings = readSettings(localEnvironment());
  const url = settings.databaseUrl ?? readDevEnv(settings.runDir).DATABASE_URL;
  if (url === undefined)
    throw new StackFailure('dev.env names no DATABASE_URL: start the local stack again.');
  return url;
}
