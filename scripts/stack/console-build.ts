import { existsSync } from 'node:fs';
import path from 'node:path';
import { CONSOLE_FOLDER } from '../../src/api/console/folder';
import { lastLine, runCommand } from './commands';
import { ROOT } from './settings';
import { isYoungerThan } from './workflow-bundle';

/** What the page is made from. */
const SOURCES = ['console', 'clients/typescript/src', 'package-lock.json'];

const VITE = 'node_modules/vite/bin/vite.js';

/** Seconds, even on a slow machine that starts a stack at the same time. */
const TIMEOUT_MS = 120_000;

/**
 * Builds the console's page if it is older than its sources: beside a stack that serves already, so
 * that nobody waits for it. A failure is said, and no more: the API says how to build it.
 */
export async function buildConsole(say: (line: string) => void): Promise<void> {
  const page = path.join(CONSOLE_FOLDER, 'index.html');
  const vite = path.join(ROOT, VITE);
  // An installation for production has neither.
  if (!existsSync(vite) || !existsSync(path.join(ROOT, 'console'))) return;
  if (isYoungerThan(page, SOURCES)) return;
  say('building the console');
  const { exitCode, stderr } = await runCommand(
    process.execPath,
    [vite, 'build', path.join(ROOT, 'console'), '--logLevel', 'warn'],
    { timeoutMs: TIMEOUT_MS },
  );
  say(exitCode === 0 ? 'the console is built' : `the console can't be built: ${lastLine(stderr)}`);
}
