import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Programs that tests need and npm doesn't have. Each is fetched once, at one version, and kept
 * between clones.
 */

const CACHE =
  process.env.FLIGHT_BOOKINGS_CACHE ?? path.join(os.homedir(), '.cache/flight-bookings');

/** A program built from its Go module, with the build tags if it needs any; answers its path. */
export function installFromGo(module: string, version: string, tags: string[] = []): string {
  // A module's major version is no part of the program's name.
  const program = path.posix.basename(module.replace(/\/v\d+$/, ''));
  const folder = install(`${module.replaceAll('/', '-')}-${version}`, (target) => {
    runInstaller('go', ['install', `-tags=${tags.join()}`, `${module}@v${version}`], {
      GOBIN: target,
      // A module that asks for a newer Go fails, instead of fetching one.
      GOTOOLCHAIN: 'local',
    });
  });
  return path.join(folder, program);
}

/** A Go program of ours, built from its folder with what its `go.sum` pins; returns its path. */
export function buildGoProgram(sources: string): string {
  const files = readdirSync(sources).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(path.join(sources, file)));
  const name = path.basename(sources);
  const folder = install(`${name}-${hash.digest('hex').slice(0, 12)}`, (target) => {
    runInstaller('go', ['build', '-C', sources, '-o', path.join(target, name), '.'], {
      GOTOOLCHAIN: 'local',
    });
  });
  return path.join(folder, name);
}

/** A package from PyPI; returns the folder that Python finds it in. */
export function installFromPyPI(name: string, version: string): string {
  return install(`${name}-${version}`, (target) => {
    const what = ['--quiet', '--disable-pip-version-check', `${name}==${version}`];
    runInstaller('python3', ['-m', 'pip', 'install', '--target', target, ...what]);
  });
}

/**
 * A folder of the cache is there as a whole or not at all: an installation that breaks off leaves
 * nothing to be trusted.
 */
function install(name: string, fill: (target: string) => void): string {
  const folder = path.join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const target = mkdtempSync(`${folder}.`);
  try {
    fill(target);
    putInPlace(target, folder);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
  return folder;
}

/** Another suite may have installed the same meanwhile: theirs is as good. */
function putInPlace(target: string, folder: string): void {
  try {
    renameSync(target, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

function runInstaller(command: string, args: string[], env: Record<string, string> = {}): void {
  try {
    execFileSync(command, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? `There is no ${command}.` : '';
    throw new Error(
      `These tests need Go and python3 with pip, to fetch what they run. ${why} Failed: ${command} ${args.join(' ')}`,
      { cause: error },
    );
  }
}
