import { randomBytes } from 'node:crypto';
import { env } from 'node:process';
import { query } from '../../scripts/stack/postgres-cluster';
import { connect, WAITS_OF_LOADS, type Db } from '../../src/db/connection';
import type { ProcessUrls } from '../../src/db/prepare';

/** The migrated database that every test's own one is a copy of. */
export const TEMPLATE = 'flight_bookings_template';

/** Whose user signs in. */
export type Process = keyof ProcessUrls;

export interface TestDatabase {
  /** As the owner of the tables. */
  url: string;
  knex: Db;
  /** A pool of what a process may do there; closed with the database. */
  as(process: Process): Db;
  /** Closes the pool and removes the database, whoever else is still connected. */
  drop(): Promise<void>;
}

/** An empty, migrated database for one suite or one test. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await query(
    databaseUrl('postgres'),
    `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`,
  );
  const url = databaseUrl(name);
  const knex = connect(url, {
    applicationName: 'test',
    maxConnections: 10,
    waits: WAITS_OF_LOADS,
  });
  const pools = [knex];
  return {
    url,
    knex,
    as: (process) => {
      const pool = connect(databaseUrl(name, process), {
        applicationName: process,
        maxConnections: 10,
      });
      pools.push(pool);
      return pool;
    },
    drop: async () => {
      await Promise.all(pools.map((pool) => pool.destroy()));
      await query(databaseUrl('postgres'), `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** How many transactions PostgreSQL has aborted in this database because they had deadlocked. */
export async function deadlocksOf(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ deadlocks: number }] }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0].deadlocks;
}

/**
 * The URL of a database: as its owner, or as a process. The server is the one that jest's global
 * set-up started, unless another one is named.
 */
export function databaseUrl(
  name: string,
  process?: Process,
  server = env.TEST_POSTGRES_URL,
): string {
  if (server === undefined) throw new Error("Bug: jest's global set-up has not started PostgreSQL");
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (process !== undefined)
    Object.assign(url, { username: process, password: `${process}-password` });
  return url.href;
}

/** The users that the processes sign in as, on the same server. */
export function processUrls(name: string, server?: string): Record<Process, string> {
  const urlOf = (process: Process) => databaseUrl(name, process, server);
  return { api: urlOf('api'), worker: urlOf('worker'), sandbox: urlOf('sandbox') };
}
