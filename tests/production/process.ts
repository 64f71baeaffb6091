import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../scripts/stack/settings';

export interface Ending {
  exitCode: number | null;
  output: string;
}

/**
 * A program of the build, running in production with the given environment and nothing else of
 * ours.
 */
export interface ProductionProcess {
  pid: number;
  /** Fulfilled when it has ended, by itself or not. */
  ending: Promise<Ending>;
  /** Asks it to end as a container's runtime does. */
  stop(): Promise<Ending>;
}

export function startInProduction(
  command: string,
  args: string[],
  env: Record<string, string>,
): ProductionProcess {
  const child = spawn(command, args, {
    cwd: ROOT,
    // Of the machine's own it needs to find programs, and a home for npm.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const ending = once(child, 'close').then(() => ({ exitCode: child.exitCode, output }));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void ending.then(() => process.off('exit', kill));
  if (child.pid === undefined) throw new Error(`${command} could not be started`);
  return {
    pid: child.pid,
    ending,
    stop: async () => {
      child.kill('SIGTERM');
      const ended = await Promise.race([ending, sleep(DRAIN_MS, undefined, { ref: false })]);
      if (ended !== undefined) return ended;
      child.kill('SIGKILL');
      throw new Error(`It did not end within ${DRAIN_MS} ms of SIGTERM. Its output:\n${output}`);
    },
  };
}

/** What Compose and Kubernetes are told to wait for. */
const DRAIN_MS = 20_000;

/** Runs a program to its end. */
export async function runInProduction(
  script: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<Ending> {
  return await startInProduction(process.execPath, [script, ...args], env).ending;
}
