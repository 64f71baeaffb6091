import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { mintToken } from '../../../src/cli/mint';
import { freePort, portTrouble } from '../ports';
import type { Running } from '../running';
import { createAuditorLight } from './auditor';
import { openConsoleDoor } from './door';

/** Where the console is by default. */
const DEFAULT_PORT = 8026;

/** As long as someone tries things out. */
const TOKENS_LAST = '8h';

/**
 * Opens the address of the console beside a stack that runs. Nothing but people's browsers goes
 * there: where another program has the default port, any other will do. Returns the address.
 */
export async function openConsole(running: Running): Promise<string> {
  const { settings, secret } = running;
  const isFree = (await portTrouble(DEFAULT_PORT)) === undefined;
  const port = settings.consolePort ?? (isFree ? DEFAULT_PORT : await freePort());
  await openConsoleDoor(port, {
    apiPort: settings.port,
    controls: {
      temporalUiUrl: running.temporalUiUrl ?? null,
      auditor: createAuditorLight({
        databaseUrl: running.databaseUrl,
        connection:
          settings.temporalAddress === undefined
            ? { address: running.temporalAddress }
            : loadClientConnectConfig().connectionOptions,
        namespace: settings.temporalNamespace,
        encryptionKeys: running.secrets.payloadEncryptionKeys,
      }),
      killWorker: () => kill(path.join(settings.runDir, 'worker.pid')),
      ...(secret === undefined
        ? {}
        : {
            token: (wish) =>
              mintToken(
                { secret, issuer: settings.issuer, audience: settings.audience },
                { ...wish, expiresIn: TOKENS_LAST },
              ),
          }),
    },
  });
  return `http://127.0.0.1:${port}/console/`;
}

/** Kills the process that a file names, which its supervisor then starts again. */
function kill(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    process.kill(pid, 'SIGKILL');
    return pid;
  } catch {
    return undefined;
  }
}
