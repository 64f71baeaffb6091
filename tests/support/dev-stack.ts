import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readDevEnv, type DevEnv } from '../../scripts/stack/dev-env';
import { freePort, portTrouble } from '../../scripts/stack/ports';
import { isRunning, listProcesses } from '../../scripts/stack/processes';
import { ROOT } from '../../scripts/stack/settings';
import { waitUntil } from '../../src/cli/wait';
import { PATIENCE_MS } from './patience';

export const PARTS = ['postgres', 'temporal', 'worker', 'api'] as const;
export type Part = (typeof PARTS)[number];

/** What a cluster needs is built the first time that it is started, which takes minutes. */
const START_TIMEOUT_MS = { dev: 240_000, 'dev:cluster': 1_200_000 };
const STOP_TIMEOUT_MS = 60_000;

/** A folder and ports of its own: what makes several stacks get along on one machine. */
export interface Place {
  dataDir: string;
  ports: Record<'PORT' | 'POSTGRES_PORT' | 'TEMPORAL_PORT' | 'TEMPORAL_UI_PORT', number>;
}

type Script = 'dev' | 'dev:cluster';

/** A real `npm run dev`, or `npm run dev:cluster`. */
export interface DevStack {
  place: Place;
  /** What it wrote for other programs. */
  env: DevEnv;
  /** Of the API. */
  url: string;
  /** All that it has printed, stdout and stderr. */
  output(): string;
  npmPid: number;
  pidOf(part: string): number;
  /** Kills a part and waits until it has been started again and the whole stack serves. */
  kill(part: string): Promise<void>;
  serves(): Promise<boolean>;
  /**
   * Ends it by the signal to npm, unless it has ended; answers npm's exit code. Processes that it
   * leaves are an error.
   */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function newPlace(): Promise<Place> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-stack-'));
  const [PORT, POSTGRES_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  return { dataDir, ports: { PORT, POSTGRES_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT } };
}

export function removePlace({ dataDir }: Place): void {
  rmSync(dataDir, { recursive: true, force: true });
}

/**
 * The environment that puts a stack into its place: a short schedule, and nothing of the tests' own
 * PostgreSQL.
 */
function environmentOf({ dataDir, ports }: Place, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const given = Object.entries(ports).map(([name, port]) => [name, String(port)] as const);
  return {
    ...process.env,
    NODE_ENV: undefined,
    JEST_WORKER_ID: undefined,
    SCHEDULE_DAYS: '1',
    DATA_DIR: dataDir,
    ...Object.fromEntries(given),
    ...env,
  };
}

/**
 * Starts a stack and waits for `Ready`: of these sources, unless the folder of others is named. It
 * needs seconds to a minute: give the test time.
 */
export async function startDevStack(
  place: Place,
  env: NodeJS.ProcessEnv = {},
  script: Script = 'dev',
  root = ROOT,
): Promise<DevStack> {
  const { child, output } = runDev(place, env, script, root);
  await waitUntil(() => output().includes('Ready') || child.exitCode !== null, {
    timeoutMs: START_TIMEOUT_MS[script],
    onTimeout: () => new Error(`The stack does not come up:\n${output()}`),
  });
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`The stack ended:\n${output()}`);

  const runDir = path.join(place.dataDir, 'run');
  const url = `http://127.0.0.1:${String(place.ports.PORT)}`;
  const pidOf = (part: string) => Number(readFileSync(path.join(runDir, `${part}.pid`), 'utf8'));
  const serves = () =>
    fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      ({ status }) => status === 200,
      () => false,
    );
  return {
    place,
    env: readDevEnv(runDir),
    url,
    output,
    npmPid: child.pid,
    pidOf,
    serves,
    kill: async (part) => {
      const killed = pidOf(part);
      process.kill(killed, 'SIGKILL');
      await waitUntil(
        async () => pidOf(part) !== killed && isRunning(pidOf(part)) && (await serves()),
        {
          timeoutMs: PATIENCE_MS,
          onTimeout: () => new Error(`${part} does not come back:\n${output()}`),
        },
      );
    },
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await waitUntil(() => child.exitCode !== null || child.signalCode !== null, {
        timeoutMs: STOP_TIMEOUT_MS,
        onTimeout: () => new Error(`The stack does not end:\n${output()}`),
      });
      await expectNothingLeft(place);
      return child.exitCode;
    },
  };
}

/** Runs a stack that can't start, or has a reason not to, to its end. */
export async function failToStart(
  place: Place,
  env: NodeJS.ProcessEnv = {},
): Promise<{ exitCode: number | null; output: string }> {
  const { child, output } = runDev(place, env);
  await once(child, 'close');
  return { exitCode: child.exitCode, output: output() };
}

function runDev(place: Place, env: NodeJS.ProcessEnv, script: Script = 'dev', root = ROOT) {
  const child = spawn('npm', ['run', script], {
    cwd: root,
    env: environmentOf(place, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  return { child, output: () => output };
}

/**
 * Every process of a stack names its data folder in its command line, PostgreSQL's own children
 * apart, which end with it.
 */
async function expectNothingLeft({ dataDir, ports }: Place): Promise<void> {
  const left = () => listProcesses().filter(({ command }) => command.includes(dataDir));
  if (left().length > 0) throw new Error(`The stack left ${JSON.stringify(left())}`);
  for (const port of Object.values(ports)) {
    const trouble = await portTrouble(port);
    if (trouble !== undefined) throw new Error(`Port ${String(port)} is still taken`);
  }
}
