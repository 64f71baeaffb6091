import { readDevEnv } from '../../scripts/stack/dev-env';
import { StackFailure } from '../../scripts/stack/failure';
import { localEnvironment, readSettings } from '../../scripts/stack/settings';

/** The local stack that is measured: where its parts are, and what makes tokens that it takes. */
export interface RunningStack {
  apiUrl: string;
  databaseUrl: string;
  runDir: string;
  tokens: { secret: string; issuer: string; audience: string };
}

/**
 * Finds the stack on `DATA_DIR` and makes sure that it answers.
 *
 * @throws StackFailure, in one line, when there is none or it can't be measured.
 */
export async function findRunningStack(): Promise<RunningStack> {
  const { runDir } = readSettings(localEnvironment());
  const {
    API_URL: apiUrl,
    DATABASE_URL: databaseUrl,
    AUTH_JWT_SECRET: secret,
    AUTH_ISSUER: issuer,
    AUTH_AUDIENCE: audience,
  } = readDevEnv(runDir);
  if (secret === undefined) {
    throw new StackFailure(
      'The stack takes tokens of an issuer with published keys only: no customers can be made up.',
    );
  }
  if (!apiUrl || !databaseUrl || !issuer || !audience) {
    throw new StackFailure(`${runDir}/dev.env is not whole: start the stack again.`);
  }
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(new URL(apiUrl).hostname)) {
    throw new StackFailure(`${apiUrl} is not on this machine: only a local stack is measured.`);
  }
  await requireReady(apiUrl);
  const tokens = { secret, issuer, audience };
  return { apiUrl, databaseUrl, runDir, tokens };
}

async function requireReady(apiUrl: string): Promise<void> {
  const ready = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (!ready) {
    throw new StackFailure(
      `The stack at ${apiUrl} is not ready: start it with \`npm run dev\`, and wait for Ready.`,
    );
  }
}
