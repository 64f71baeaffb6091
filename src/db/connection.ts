import knex, { type Knex } from 'knex';
import { types, type ClientConfig, type DatabaseError } from 'pg';

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

/** Time limits, in milliseconds. */
interface Waits {
  statementMs: number;
  lockMs: number;
  /** For a connection of the pool, which may have to be opened first. */
  connectionMs: number;
}

interface PoolOptions {
  applicationName: string;
  maxConnections: number;
  waits?: Waits;
  /**
   * False for what may be lost when PostgreSQL crashes: a commit then doesn't wait for the disk.
   */
  isDurable?: boolean;
  /**
   * True for statements whose plan is good whatever their values: one that is prepared by name is
   * then planned once per connection. By itself PostgreSQL plans it again for most values.
   */
  plansOnce?: boolean;
}

/**
 * Limits for activities, which are retried and should rarely time out. None of ours takes one
 * second unless something is wrong, and a stuck client can't lock a flight's seats for long.
 */
const WAITS: Waits = { statementMs: 10_000, lockMs: 5_000, connectionMs: 5_000 };

/**
 * Limits for a waiting client. Their sum is less than the 10 s within which the API says that it
 * can't answer. Only a lock of a whole table blocks a read, and such locks last much longer or much
 * shorter than this.
 */
export const WAITS_OF_READERS: Waits = { statementMs: 5_000, lockMs: 2_000, connectionMs: 2_500 };

/**
 * Limits for loading much data, which no client waits for. The loading process is itself so busy
 * that it may notice an opened connection only seconds later.
 */
export const WAITS_OF_LOADS: Waits = { statementMs: 60_000, lockMs: 60_000, connectionMs: 60_000 };

/**
 * Drops knex's warnings about connections that were not opened or have ended: where somebody needed
 * one the error is thrown, and its catcher reports it. Other warnings are about our own mistakes.
 */
function passOn(warning: string): void {
  if (!/^(Acquire c|C)onnection error/i.test(warning)) process.emitWarning(warning);
}

/** What a connection of the pool has of the driver's, and of knex's. */
interface PooledConnection {
  connection: { on: (event: 'errorMessage', listener: (error: DatabaseError) => void) => void };
  /** Knex doesn't lend a connection again that has one. */
  __knex__disposed?: Error;
}

/**
 * Takes a connection out of the pool as soon as PostgreSQL says that it ends the session, which is
 * what severity `FATAL` means (https://www.postgresql.org/docs/current/runtime-config-logging.html).
 * Knex waits for the socket's end, which comes after the failed query: the next one could be sent on
 * the same connection, and be lost.
 */
function disposeOnceFatal(
  pooled: PooledConnection,
  done: (error: Error | null, pooled: PooledConnection) => void,
): void {
  pooled.connection.on('errorMessage', (error) => {
    if (error.severity === 'FATAL') pooled.__knex__disposed = error;
  });
  done(null, pooled);
}

/**
 * Opens a pool on PostgreSQL. Connections are opened when first needed, so this never fails.
 *
 * The server ends a transaction that is idle for as long as `lockMs`.
 */
export function connect(
  databaseUrl: string,
  {
    applicationName,
    maxConnections,
    waits = WAITS,
    isDurable = true,
    plansOnce = false,
  }: PoolOptions,
): Db {
  const options = [
    ...(isDurable ? [] : ['-c synchronous_commit=off']),
    ...(plansOnce ? ['-c plan_cache_mode=force_generic_plan'] : []),
  ].join(' ');
  const connection: ClientConfig = {
    connectionString: databaseUrl,
    application_name: applicationName,
    // Opening one may fail once in this time, and be tried again, if there is enough of it.
    connectionTimeoutMillis: Math.min(waits.connectionMs, Math.max(3_000, waits.connectionMs / 2)),
    statement_timeout: waits.statementMs,
    lock_timeout: waits.lockMs,
    idle_in_transaction_session_timeout: waits.lockMs,
    ...(options === '' ? {} : { options }),
  };
  return knex({
    client: 'pg',
    connection: connection as Knex.PgConnectionConfig,
    acquireConnectionTimeout: waits.connectionMs,
    pool: { min: 0, max: maxConnections, afterCreate: disposeOnceFatal },
    log: { warn: passOn },
  });
}

/**
 * SQLSTATEs of temporary failures (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 *
 * Classes: 08 no connection, 53 too few resources, 57P shut down or starting.
 *
 * Codes: 25006 a read-only server, as in a failover; 25P03 an idle and 25P04 a long transaction
 * that was ended; 40001 a serialization failure; 40003 an unknown commit; 40P01 a deadlock; 55006
 * an object in use; 55P03 a lock timeout; 57014 a statement timeout.
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

/**
 * Messages of the driver, without a code, for a connection that is lost or was not opened in time.
 * Knex puts the statement before them.
 */
const LOST =
  /(^| - )(Connection (terminated|ended)|timeout e|Query read timeout|Client has encountered a connection error)/;

/**
 * Whether a query failed because PostgreSQL is unavailable for the moment, rather than because the
 * query is wrong. It can't be reached, closed the connection, took too long, or the pool had no
 * connection in time.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof knex.KnexTimeoutError) return true;
  const code = 'code' in error ? String(error.code) : '';
  return (
    NOT_NOW.test(code) || NETWORK_FAULTS.includes(code) || (code === '' && LOST.test(error.message))
  );
}

/** Whether a statement failed because it would violate the given constraint or unique index. */
export function isViolationOf(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === constraint;
}

/** Returns whether PostgreSQL takes queries now. Never throws. */
export async function isReachable(db: Db): Promise<boolean> {
  return db
    .raw('SELECT 1')
    .timeout(2_000)
    .then(
      () => true,
      () => false,
    );
}
