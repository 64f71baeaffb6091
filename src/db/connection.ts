import knex, { type Knex } from 'knex';
import { types, type ClientConfig } from 'pg';

function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`Bug: ${text} is beyond safe integers`);
  return value;
}

types.setTypeParser(types.builtins.INT8, parseBigint);
// A calendar date has no zone: the driver's default would shift it to the process's own midnight.
types.setTypeParser(types.builtins.DATE, (text) => text);

/** Anything that runs SQL: the pool, or one transaction of it. */
export type Db = Knex;

interface PoolOptions {
  applicationName: string;
  maxConnections: number;
}

/**
 * Opens a pool on PostgreSQL. Connections are made when first needed, so this never fails by itself.
 *
 * Time limits, in milliseconds: 10,000 for a statement, since none of ours takes one second unless something is wrong; 5,000 for a
 * lock or an idle transaction, so that a stuck peer can't hold a flight's seats for long; 3,000 for a connection.
 */
export function connect(databaseUrl: string, { applicationName, maxConnections }: PoolOptions): Db {
  const connection: ClientConfig = {
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 5_000,
  };
  return knex({
    client: 'pg',
    connection: connection as Knex.PgConnectionConfig,
    acquireConnectionTimeout: 5_000,
    pool: { min: 0, max: maxConnections },
  });
}

/** SQLSTATE classes and codes that say "not now": no connection, shutting or starting up, too many clients. */
const AWAY = /^(08|53|57P)/;

/**
 * Whether an error of a query says that PostgreSQL is away for the moment, rather than that the query is wrong: it can't be reached, has gone
 * in the middle, or the pool had no connection to give in time.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof knex.KnexTimeoutError) return true;
  const code = 'code' in error ? String(error.code) : '';
  const isNetwork = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE'].includes(code);
  return (
    isNetwork || AWAY.test(code) || /^(Connection terminated|timeout expired)/.test(error.message)
  );
}

/** Whether an error of a statement says that it would break the given constraint or unique index. */
export function isViolationOf(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

/** Answers whether PostgreSQL takes queries now; never throws. */
export async function isReachable(db: Db): Promise<boolean> {
  return db
    .raw('SELECT 1')
    .timeout(2_000)
    .then(
      () => true,
      () => false,
    );
}
