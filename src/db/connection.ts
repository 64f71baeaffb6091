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

/** How long something is waited for, in milliseconds. */
interface Waits {
  statementMs: number;
  lockMs: number;
  /** For a connection of the pool, which may have to be made first. */
  connectionMs: number;
}

interface PoolOptions {
  applicationName: string;
  maxConnections: number;
  waits?: Waits;
}

/**
 * For activities, which are retried and must not be given up on lightly: none of ours takes one
 * second unless something is wrong, and a stuck peer can't hold a flight's seats for long.
 */
const WAITS: Waits = { statementMs: 10_000, lockMs: 5_000, connectionMs: 5_000 };

/**
 * For a client who waits: together less than the 10 s within which the API says that it can't
 * answer. Only a lock of a whole table stops a read, and it lasts far longer or far shorter than
 * this.
 */
export const WAITS_OF_READERS: Waits = { statementMs: 5_000, lockMs: 2_000, connectionMs: 2_500 };

/**
 * A connection that fails is thrown, and said by whoever catches it: knex would print its stack
 * trace as well. Its other warnings are about our own mistakes.
 */
function passOn(warning: string): void {
  if (!warning.startsWith('Acquire connection error')) process.emitWarning(warning);
}

/**
 * Opens a pool on PostgreSQL. Connections are made when first needed, so this never fails by
 * itself.
 *
 * A transaction that does nothing for as long as a lock is waited for is ended by the server.
 */
export function connect(
  databaseUrl: string,
  { applicationName, maxConnections, waits = WAITS }: PoolOptions,
): Db {
  const connection: ClientConfig = {
    connectionString: databaseUrl,
    application_name: applicationName,
    connectionTimeoutMillis: Math.min(waits.connectionMs, 3_000),
    statement_timeout: waits.statementMs,
    lock_timeout: waits.lockMs,
    idle_in_transaction_session_timeout: waits.lockMs,
  };
  return knex({
    client: 'pg',
    connection: connection as Knex.PgConnectionConfig,
    acquireConnectionTimeout: waits.connectionMs,
    pool: { min: 0, max: maxConnections },
    log: { warn: passOn },
  });
}

/**
 * SQLSTATEs that say "not now" (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 * Classes: 08 no connection, 53 too few resources, 57P shut down or starting. Codes: a read-only
 * server (25006, as in a failover), an idle (25P03) or long (25P04) transaction that was ended, a
 * serialization failure (40001), an unknown commit (40003), a deadlock (40P01), an object in use
 * (55006), a lock that was waited for too long (55P03), a statement that took too long (57014).
 */
const NOT_NOW = /^(08...|53...|57P..|25006|25P0[34]|40001|40003|40P01|55006|55P03|57014)$/;

const NETWORK_FAULTS = [
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
];

/** What the driver says, without a code, of a connection that is lost or was not made in time. */
const LOST =
  /^(Connection (terminated|ended)|timeout e|Query read timeout|Client has encountered a connection error)/;

/**
 * Whether an error of a query says that PostgreSQL can't answer for the moment, rather than that
 * the query is wrong: it can't be reached, has gone in the middle, keeps us waiting too long, or
 * the pool had no connection to give in time.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof knex.KnexTimeoutError) return true;
  const code = 'code' in error ? String(error.code) : '';
  return NOT_NOW.test(code) || NETWORK_FAULTS.includes(code) || LOST.test(error.message);
}

/**
 * Whether an error of a statement says that it would break the given constraint or unique index.
 */
export function isViolationOf(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

/** Returns whether PostgreSQL takes queries now; never throws. */
export async function isReachable(db: Db): Promise<boolean> {
  return db
    .raw('SELECT 1')
    .timeout(2_000)
    .then(
      () => true,
      () => false,
    );
}
