import { EncryptionKeys } from '../../src/config';
import { readDevEnv } from './dev-env';
import { StackFailure } from './failure';
import { openSecrets } from './secrets';
import { localEnvironment, readSettings } from './settings';

/**
 * The Temporal that a command is meant for, and the keys to what is said there: those that the environment names, else the local stack's.
 *
 * @throws StackFailure when there is neither.
 */
export function temporalAddress() {
  const settings = readSettings(localEnvironment());
  const address = settings.temporalAddress ?? readDevEnv(settings.runDir).TEMPORAL_ADDRESS;
  if (address === undefined)
    throw new StackFailure('dev.env names no TEMPORAL_ADDRESS: start the local stack again.');
  return {
    address,
    apiKey: settings.temporalApiKey,
    namespace: settings.temporalNamespace,
    taskQueue: settings.taskQueue,
    encryptionKeys: EncryptionKeys.parse(openSecrets(settings).payloadEncryptionKeys),
  };
}
