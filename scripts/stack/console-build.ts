import { existsSync } from 'node:fs';
import path from 'node:path';
import { lastLine, runCommand } from './commands';
import { ROOT } from './settings';

const SCRIPT = path.join(ROOT, 'console/build.mjs');

/** Seconds, even on a slow machine that starts a stack at the same time. */
const TIMEOUT_MS = 120_000;

/**
 * Builds the console's page if it is older than its sources: beside a stack that serves already, so
 * that nobody waits for it. A failure is said, and no more: the API says how to build it.
 */
export async function buildConsole(say: (line: string) => void): Promise<void> {
  // An installation for production has neither.
  if (!existsSync(path.join(ROOT, 'node_modules/vite')) || !existsSync(SCRIPT)) return;
  const { exitCode, stdout, stderr } = await runCommand(process.execPath, [SCRIPT], {
    timeoutMs: TIMEOUT_MS,
  });
  if (exitCode !== 0) say(`the console can't be built: ${lastLine(stderr)}`);
  else if (stdout !== '') say(lastLine(stdout));
}
