import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { waitUntil } from '../../src/cli/wait';
import { giveTo, ordinaryUser } from '../stack/ordinary-user';
import { postgresBinaries } from '../stack/postgres-binaries';
import { openCluster, query } from '../stack/postgres-cluster';

/**
 * Point-in-time recovery of one PostgreSQL server, by PostgreSQL's own means alone: a base backup
 * by the low-level API, all WAL since, and a recovery to an instant (PostgreSQL's manual, chapter
 * "Continuous Archiving and Point-in-Time Recovery").
 */
export interface ArchivedServer {
  /** Its data. */
  folder: string;
  /** Where its WAL is copied to. */
  archive: string;
  /** As its superuser. */
  url: string;
}

/** Makes a server's data, and has it archive its WAL. It is not running yet. */
export async function archiveWal(server: ArchivedServer, password: string): Promise<void> {
  await openCluster(server.folder, password);
  await openFolder(server.archive);
  const copy = `test ! -f "${server.archive}/%f" && cp "%p" "${server.archive}/%f"`;
  appendFileSync(
    path.join(server.folder, 'postgresql.conf'),
    `\narchive_mode = on\narchive_command = '${copy}'\n`,
  );
}

/** Copies the data of a server that runs, as `pg_basebackup` does. */
export async function takeBaseBackup(server: ArchivedServer, backup: string): Promise<void> {
  // The server ends a backup whose session is gone.
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('drill', fast => true)");
    copyData(server.folder, backup);
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop()',
    );
    writeFileSync(path.join(backup, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
}

/** Waits until all WAL that has been written so far is in the archive. */
export async function archiveSoFar({ url, archive }: ArchivedServer): Promise<void> {
  const [last] = await query<{ file: string }>(
    url,
    'SELECT pg_walfile_name(pg_switch_wal()) AS file',
  );
  await waitUntil(() => readdirSync(archive).some((file) => file >= (last?.file ?? '')), {
    timeoutMs: 30_000,
    onTimeout: () => new Error('PostgreSQL does not archive its WAL'),
  });
}

/**
 * Puts a backup in the place of the data of a server that does not run: its next start recovers to
 * the instant. What it had is left beside it, as `<folder>.lost`.
 */
export async function restoreTo(
  { folder, archive }: Pick<ArchivedServer, 'folder' | 'archive'>,
  backup: string,
  instant: Date,
): Promise<void> {
  rmSync(`${folder}.lost`, { recursive: true, force: true });
  renameSync(folder, `${folder}.lost`);
  copyData(backup, folder);
  writeFileSync(path.join(folder, 'recovery.signal'), '');
  appendFileSync(
    path.join(folder, 'postgresql.conf'),
    `\nrestore_command = 'cp "${archive}/%f" "%p"'
recovery_target_time = '${timeOf(instant)}'
recovery_target_action = 'promote'\n`,
  );
  await handOver(folder);
}

/** As PostgreSQL's settings take it: a zone is a number there, no letter. */
function timeOf(instant: Date): string {
  return instant.toISOString().replace('T', ' ').replace('Z', '+00');
}

/** Waits until a recovery has reached its instant, and the server takes writes. */
export async function untilRecovered({ url }: ArchivedServer): Promise<void> {
  const isOver = async () => {
    const [row] = await query<{ recovers: boolean }>(url, 'SELECT pg_is_in_recovery() AS recovers');
    return row?.recovers === false;
  };
  await waitUntil(() => isOver().catch(() => false), {
    timeoutMs: 60_000,
    onTimeout: () => new Error('PostgreSQL does not end its recovery'),
  });
}

/** A server makes these anew; what is in `pg_wal` comes from the archive. */
const LEFT_OUT = new Set(['postmaster.pid', 'postmaster.opts', 'pg_internal.init']);
const LEFT_EMPTY = new Set(['pg_wal', 'pg_replslot', 'pg_stat_tmp', 'pg_notify', 'pg_subtrans']);

function copyData(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const copy = (relative: string) => {
    for (const entry of readdirSync(path.join(from, relative), { withFileTypes: true })) {
      const own = path.join(relative, entry.name);
      if (entry.isDirectory()) {
        mkdirSync(path.join(to, own), { mode: 0o700 });
        if (!LEFT_EMPTY.has(own)) copy(own);
      } else if (!LEFT_OUT.has(entry.name)) copyIfThere(path.join(from, own), path.join(to, own));
    }
  };
  copy('');
}

/** A server that runs removes files at any time; WAL has what was in them. */
function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function openFolder(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await handOver(folder);
}

/** PostgreSQL may run as another user. */
async function handOver(folder: string): Promise<void> {
  giveTo(await ordinaryUser(postgresBinaries().postgres), folder);
}
