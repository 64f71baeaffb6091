import { existsSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './commands';
import { StackFailure } from './failure';
import { ROOT } from './settings';
import { isUpToDate } from './up-to-date';

const SCRIPT = path.join(ROOT, 'console/build.mjs');
const PAGE = path.join(ROOT, 'dist/console/index.html');
const SOURCES = ['console', 'clients/typescript/src', 'package-lock.json'];

/** Seconds, even on a slow machine that starts a stack at the same time. */
const TIMEOUT_MS = 120_000;

/**
 * Builds the console's page if it is older than its sources, in a process that ends. Returns whether
 * it was.
 *
 * @throws StackFailure with what the build said.
 */
export async function buildConsole(): Promise<boolean> {
  // An installation for production has neither.
  if (!existsSync(path.join(ROOT, 'node_modules/vite')) || !existsSync(SCRIPT)) return false;
  const sources = SOURCES.map((source) => path.join(ROOT, source));
  if (isUpToDate(PAGE, sources)) return false;
  const { exitCode, stderr } = await runCommand(process.execPath, [SCRIPT], {
    timeoutMs: TIMEOUT_MS,
  });
  if (exitCode !== 0) throw new StackFailure("The console can't be built.", stderr);
  return true;
}
