import path from 'node:path';
import { lastLine, runCommand } from './commands';
import type { Program } from './programs';

/**
 * Temporal's server takes five minutes of two idle cores; busy ones, and slow lines, take longer.
 */
const BUILD_TIMEOUT_MS = 1_800_000;

/** Builds the program from its Go module, at its own version; answers where it is in the folder. */
export async function buildWithGo(
  { goPackage = '', version }: Program,
  folder: string,
): Promise<string> {
  const { exitCode, stderr } = await runCommand('go', ['install', `${goPackage}@v${version}`], {
    timeoutMs: BUILD_TIMEOUT_MS,
    // A module that asks for a newer Go fails, instead of fetching one.
    env: { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'local' },
  }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' ? new Error('there is no go on PATH') : error;
  });
  if (exitCode !== 0) throw new Error(lastLine(stderr) || 'it was interrupted');
  return path.join(folder, path.posix.basename(goPackage));
}
