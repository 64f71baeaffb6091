import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../scripts/stack/ports';
import { answers, clusterUrl, openCluster } from '../../scripts/stack/postgres-cluster';
import { waitUntil } from '../../src/cli/wait';
import { PATIENCE_MS } from './patience';

/** A PostgreSQL server for one run of the tests, on a free port, with data that go with it. */
export interface TestPostgres {
  /** Of the database `postgres`, where databases are made and dropped from. */
  url: string;
  /** The process that ends the server when we end, however that is. */
  watcherPid: number | undefined;
  stop(): Promise<void>;
}

/**
 * Runs the server until our end of the pipe closes, which happens however this process ends, then
 * removes its data. Signals are for us to act on: a Ctrl-C reaches the whole process group.
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
  max_wal_size: '256MB',
  // A suite may have fifty: of its own, and of each process that it plays.
  max_connections: 500,
};

/**
 * Where files are kept in memory: a copy of the template's 350 files takes a ninth of the processor
 * there.
 */
const MEMORY = '/dev/shm';

/** More than a run has ever needed, by far: a database of a test has 10 MB. */
const ROOM_BYTES = 2 * 1024 ** 3;

/**
 * Memory where there is enough of it for files, as on most Linux machines; else a folder on disk.
 */
function placeForData(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ROOM_BYTES ? MEMORY : os.tmpdir();
  } catch {
    return os.tmpdir();
  }
}

export async function startTestPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(path.join(placeForData(), 'flight-bookings-tests-'));
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
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The PostgreSQL for tests does not answer'),
  });
  return { url, watcherPid: shell.pid, stop: () => closePipe(shell) };
}

async function closePipe(shell: ChildProcess): Promise<void> {
  const exit = once(shell, 'exit');
  shell.stdin?.end();
  await exit;
}
