import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { answers, clusterUrl, openCluster } from '../../scripts/stack/postgres-cluster';
import { freePort } from '../../scripts/stack/ports';
import { waitUntil } from '../../scripts/stack/wait';

/** A PostgreSQL server for one run of the tests, on a free port, with data in a temporary folder. */
export interface TestPostgres {
  /** Of the database `postgres`, where databases are made and dropped from. */
  url: string;
  /** The process that ends the server when we end, however that is. */
  watcherPid: number | undefined;
  stop(): Promise<void>;
}

/**
 * Runs the server until our end of the pipe closes, which happens however this process ends, then removes its data. Signals are
 * for us to act on: a Ctrl-C reaches the whole process group.
 */
const UNTIL_PIPE_CLOSES = `
  folder=$1; shift
  "$@" &
  trap '' INT TERM HUP
  read -r _
  kill -QUIT $!
  wait $!
  rm -rf "$folder"
`;

/** Nothing here has to survive a crash of the machine. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '128MB',
};

export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-tests-'));
  const password = randomBytes(16).toString('hex');
  const cluster = await openCluster(path.join(folder, 'postgres'), password);
  const port = await freePort();
  const { command, args, uid, gid } = cluster.serverOn(port, SETTINGS);
  const shell = spawn('sh', ['-c', UNTIL_PIPE_CLOSES, 'sh', folder, command, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });

  const url = clusterUrl(port, password, 'postgres');
  await waitUntil(() => answers(url), {
    timeoutMs: 30_000,
    onTimeout: () => new Error('The PostgreSQL for tests does not answer'),
  });
  return { url, watcherPid: shell.pid, stop: () => closePipe(shell) };
}

async function closePipe(shell: ChildProcess): Promise<void> {
  const exit = once(shell, 'exit');
  shell.stdin?.end();
  await exit;
}
