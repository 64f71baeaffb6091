import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from '../../src/cli/wait';
import { answers, clusterUrl, createDatabase, type PostgresCluster } from './postgres-cluster';
import { isRunning, listProcesses, processesIn, send } from './processes';
import type { Service } from './service';

/** A PostgreSQL server: on which data, where, and which database it must have. */
interface PostgresPart {
  name: string;
  title: string;
  cluster: PostgresCluster;
  port: number;
  password: string;
  database?: string;
  logFile: string;
}

export function postgresService({
  name,
  title,
  cluster,
  port,
  password,
  database,
  logFile,
}: PostgresPart): Service {
  const maintenanceUrl = clusterUrl(port, password, 'postgres');
  return {
    name,
    title,
    logFile,
    prepare: async () => {
      await clearAway(cluster.folder);
      return cluster.serverOn(port, { log_line_prefix: '%m [%p] ' });
    },
    untilServing: async () => {
      if (!(await answers(maintenanceUrl))) return false;
      if (database !== undefined) await createDatabase(maintenanceUrl, database);
      return true;
    },
    // PostgreSQL's "fast" way: it rolls back what runs and writes everything out. Its "smart" one
    // would wait for clients.
    stopSignal: 'SIGINT',
    graceMs: 20_000,
  };
}

/**
 * Ends what an earlier server left on this data, itself included. The backends of a killed one see
 * its death and go, but until then they hold its shared memory, and a new server refuses to start.
 * A `postmaster.pid` that names a stranger would stop it for good.
 */
export async function clearAway(folder: string): Promise<void> {
  const lock = path.join(folder, 'postmaster.pid');
  const postmaster = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8')) : undefined;
  const alive = postmaster !== undefined && isRunning(postmaster, folder);
  if (alive) send('SIGINT', postmaster);
  const leftOvers = () => [
    ...backendsIn(folder),
    ...(alive && isRunning(postmaster, folder) ? [postmaster] : []),
  ];
  const onTimeout = () => new Error('the last PostgreSQL on this data does not end');
  await waitUntil(() => leftOvers().length === 0, { timeoutMs: 10_000, onTimeout }).catch(
    async () => {
      for (const pid of leftOvers()) send('SIGKILL', pid);
      await waitUntil(() => leftOvers().length === 0, { timeoutMs: 5_000, onTimeout });
    },
  );
  rmSync(lock, { force: true });
}

/**
 * PostgreSQL works in its data folder, and names its processes `postgres: …`. Others may have the
 * folder open, too.
 */
function backendsIn(folder: string): number[] {
  const there = new Set(processesIn(folder));
  if (there.size === 0) return [];
  return listProcesses().flatMap(({ pid, command }) =>
    there.has(pid) && command.startsWith('postgres: ') ? [pid] : [],
  );
}
