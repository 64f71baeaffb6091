import { randomBytes } from 'node:crypto';
import { query } from '../../scripts/stack/postgres-cluster';
import { connect, type Db } from '../../src/db/connection';

/** The migrated database that every test's own one is a copy of. */
export const TEMPLATE = 'flight_bookings_template';

export interface TestDatabase {
  url: string;
  knex: Db;
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
  const knex = connect(url, { applicationName: 'test', maxConnections: 10 });
  return {
    url,
    knex,
    drop: async () => {
      await knex.destroy();
      await query(databaseUrl('postgres'), `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The URL of a database on the server that jest's global set-up started. */
export function databaseUrl(name: string): string {
  const server = process.env.TEST_POSTGRES_URL;
  if (server === undefined) throw new Error("Bug: jest's global set-up has not started PostgreSQL");
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
