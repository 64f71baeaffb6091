import { query } from '../../scripts/stack/postgres-cluster';
import { connect, type Db } from '../../src/db/connection';
import { migrateToLatest } from '../../src/db/migrate';

/** A database of the benchmark's own, on the running server. */
export interface ScratchDatabase {
  days: number;
  url: string;
  db: Db;
}

/** Two load the schedule side by side. */
const CONNECTIONS = 2;

/**
 * Makes an empty, migrated database for each number of days, and drops them all in the end, also
 * when the work fails or Ctrl-C stops it. What a killed run left behind is replaced.
 */
export async function withScratchDatabases(
  serverUrl: string,
  days: number[],
  work: (databases: ScratchDatabase[]) => Promise<void>,
): Promise<void> {
  const databases: ScratchDatabase[] = [];
  const close = async () => {
    for (const { db, days: loaded } of databases.splice(0)) {
      await db.destroy();
      await drop(serverUrl, loaded);
    }
  };
  process.once('SIGINT', () => void close().finally(() => process.exit(130)));
  try {
    for (const loaded of days) {
      await drop(serverUrl, loaded);
      await query(serverUrl, `CREATE DATABASE ${nameOf(loaded)}`);
      const url = Object.assign(new URL(serverUrl), { pathname: nameOf(loaded) }).href;
      const settings = { applicationName: 'bench', maxConnections: CONNECTIONS, plansOnce: true };
      const db = connect(url, settings);
      databases.push({ days: loaded, url, db });
      await migrateToLatest(db);
    }
    await work(databases);
  } finally {
    await close();
  }
}

const nameOf = (days: number) => `bench_search_${days}`;

async function drop(serverUrl: string, days: number): Promise<void> {
  await query(serverUrl, `DROP DATABASE IF EXISTS ${nameOf(days)} WITH (FORCE)`);
}
