import { z } from 'zod';
import { runAsCommand } from './stack/command';
import { readDevEnv } from './stack/dev-env';
import { StackFailure } from './stack/failure';
import { mintToken } from './stack/mint';
import { localEnvironment, readSettings } from './stack/settings';
import { findSigning } from './stack/signing';

const TIMEOUT_MS = 10_000;

/**
 * npm run --silent temporal-ui: prints a link that opens Temporal's UI of the local stack as an operator, who can read what is encrypted, for eight hours. The
 * link works once, within a minute; the token that it stands for is in none.
 */
async function main(): Promise<void> {
  const settings = readSettings(localEnvironment());
  const apiUrl = readDevEnv(settings.runDir).API_URL ?? settings.apiUrl;
  const token = await mintToken(findSigning(settings), {
    sub: 'operator-1',
    scope: 'operator',
    expiresIn: '8h',
  });
  const response = await fetch(`${apiUrl}/codec/session-codes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => undefined);
  if (response?.status !== 201)
    throw new StackFailure(
      `The API at ${apiUrl} gives no link (${String(response?.status ?? 'no answer')}): is the stack running?`,
    );
  console.log(z.object({ url: z.url() }).parse(await response.json()).url);
}

runAsCommand(main);
