import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Program } from './programs';

type Check = (file: string) => Promise<boolean>;

/**
 * Where downloads are kept between clones: `FLIGHT_BOOKINGS_CACHE`, else the user's cache folder.
 */
function cacheFolder({
  FLIGHT_BOOKINGS_CACHE: ours,
  XDG_CACHE_HOME: users,
}: NodeJS.ProcessEnv): string {
  // A variable that is set to nothing counts as not set.
  if (ours) return path.resolve(ours);
  if (users) return path.join(users, 'flight-bookings');
  return path.join(os.homedir(), '.cache', 'flight-bookings');
}

/** One folder for each version; it holds the program and the size it must have. */
function entry({ command, version }: Program, env: NodeJS.ProcessEnv) {
  const folder = path.join(
    cacheFolder(env),
    `${command}-${version}-${process.platform}-${process.arch}`,
  );
  return { folder, file: path.join(folder, command), size: path.join(folder, 'size') };
}

/** The program from the cache, or undefined when it isn't there or is damaged. */
export async function cachedProgram(
  program: Program,
  env: NodeJS.ProcessEnv,
  runs: Check,
): Promise<string | undefined> {
  const { file, size } = entry(program, env);
  if (!existsSync(file) || !existsSync(size)) return undefined;
  const whole = statSync(file).size === Number(readFileSync(size, 'utf8'));
  return whole && (await runs(file)) ? file : undefined;
}

/**
 * Puts into the cache what the download brings, and answers where.
 *
 * The download happens in a folder beside the entry, which then takes the entry's name: another
 * process sees all of it or nothing. When another one was faster, its copy is used; a damaged one
 * is replaced.
 */
export async function keepInCache(
  program: Program,
  env: NodeJS.ProcessEnv,
  runs: Check,
  download: (folder: string) => Promise<string>,
): Promise<string> {
  const { folder, file } = entry(program, env);
  mkdirSync(path.dirname(folder), { recursive: true });
  const workshop = mkdtempSync(`${folder}.`);
  try {
    const downloaded = await download(workshop);
    chmodSync(downloaded, 0o755);
    if (!(await runs(downloaded))) throw new Error('what came does not run on this machine');
    const finished = path.join(workshop, 'finished');
    mkdirSync(finished);
    renameSync(downloaded, path.join(finished, program.command));
    writeFileSync(
      path.join(finished, 'size'),
      String(statSync(path.join(finished, program.command)).size),
    );

    return (await takeName(finished, folder, () => cachedProgram(program, env, runs))) ?? file;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/**
 * Gives the finished entry its name. When that is taken by a whole one, answers with that instead;
 * a damaged one is moved out of the way, into the workshop.
 */
async function takeName(
  finished: string,
  folder: string,
  find: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    renameSync(finished, folder);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
  const faster = await find();
  if (faster !== undefined) return faster;
  renameSync(folder, path.join(path.dirname(finished), 'damaged'));
  renameSync(finished, folder);
  return undefined;
}
