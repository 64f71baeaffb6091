import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { takeLock } from '../../scripts/stack/lock';
import { freePort } from '../../scripts/stack/ports';
import { DATABASE, openCluster } from '../../scripts/stack/postgres-cluster';
import { postgresService } from '../../scripts/stack/postgres-service';
import { planStack, type Running } from '../../scripts/stack/running';
import { readSettings } from '../../scripts/stack/settings';
import { Supervised } from '../../scripts/stack/supervised';

/**
 * A data folder of the local stack that holds filled books. `npm run dev` with `DATA_DIR` runs on
 * it, and so does the benchmark.
 */

/** Enough for a choice of flights, and little to load. */
const SCHEDULE_DAYS = '2';

/** Plans a stack on the folder, on free ports. Its secrets are made at the first use. */
export async function planFolder(folder: string): Promise<Running> {
  const ports = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'];
  const given: NodeJS.ProcessEnv = { DATA_DIR: path.resolve(folder), SCHEDULE_DAYS };
  for (const name of ports) given[name] = String(await freePort());
  const settings = readSettings(given);
  mkdirSync(settings.runDir, { recursive: true });
  mkdirSync(settings.logDir, { recursive: true });
  return planStack(settings);
}

/**
 * For loading alone: nothing waits for the disk, so a power cut spoils the folder. The data are on
 * the disk once the server has ended.
 */
const LOADING = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  shared_buffers: '2GB',
  maintenance_work_mem: '1GB',
  autovacuum: 'off',
};

/** Runs a PostgreSQL server on the folder for as long as the work takes. */
export async function withLoadingServer(
  folder: string,
  work: (databaseUrl: string) => Promise<void>,
): Promise<void> {
  const running = await planFolder(folder);
  const { dataDir, runDir, logDir, postgresPort: port } = running.settings;
  takeLock(runDir, 'fill.ts');
  const password = running.secrets.postgresPassword;
  const cluster = await openCluster(path.join(dataDir, 'postgres'), password);
  const service = postgresService({
    name: 'postgres',
    title: 'PostgreSQL',
    port,
    password,
    database: DATABASE,
    cluster: { ...cluster, serverOn: (on, said) => cluster.serverOn(on, { ...said, ...LOADING }) },
    logFile: path.join(logDir, 'postgres.log'),
  });
  // It writes out all that is in memory before it ends.
  const server = new Supervised({ ...service, graceMs: STOPS_WITHIN_MS }, runDir, () => undefined);
  await server.start();
  const stop = () => server.stop(new AbortController().signal);
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  await work(running.databaseUrl).finally(stop);
}

const STOPS_WITHIN_MS = 600_000;
