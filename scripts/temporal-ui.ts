import { z } from 'zod';
import { findTarget } from '../src/cli/target';
import { runAsCommand } from './stack/command';
import { StackFailure } from './stack/failure';
import { operatorToken, requireStack } from './stack/running-stack';

const TIMEOUT_MS = 10_000;

/**
 * npm run --silent temporal-ui: prints a link that opens Temporal's UI of the local stack as an
 * operator, who can read what is encrypted, for eight hours. The link works once, within a minute;
 * the token that it stands for is in none.
 */
async function main(): Promise<void> {
  const target = findTarget();
  const apiUrl = requireStack(target).variables.API_URL ?? '';
  const response = await fetch(`${apiUrl}/codec/session-codes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await operatorToken(target)}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => undefined);
  if (response?.status !== 201)
    throw new StackFailure(
      `The API at ${apiUrl} gives no link (${String(response?.status ?? 'no answer')}): is the stack running?`,
    );
  console.log(z.object({ url: z.url() }).parse(await response.json()).url);
}

runAsCommand(main);
