import { setTimeout as wait } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import type { Client } from 'pg';
import { send, type Call, type RowsOf } from './batch';
import type { Db } from './connection';
import { call, runTogether, statement } from './statement';

/**
 * Runs work in a transaction that begins with the given statements. They go with its BEGIN in one
 * round trip, and their rows to the work.
 *
 * Commits when the work has succeeded, else rolls back and rethrows. Nothing of it is seen by
 * others before. When the commit itself fails, its error is thrown; a connection that is lost then
 * leaves it unknown whether it took effect.
 *
 * Within another transaction it is a savepoint of it, as with knex.
 *
 * Meant for what every booking runs; `db.transaction` does the same with twice the work.
 */
export async function inTransaction<const Calls extends readonly Call<unknown>[], Result>(
  db: Db,
  first: Calls,
  work: (trx: Db, rows: RowsOf<Calls>) => Promise<Result>,
): Promise<Result> {
  const pool = db.client as Knex.Client & { transacting?: boolean };
  if (pool.transacting === true)
    return db.transaction(async (trx) => work(trx, await runTogether(trx, first)));
  const connection = (await pool.acquireConnection()) as Client;
  try {
    const result = await withinTransaction(connection, first, work);
    const { command } = await connection.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('Bug: a transaction went on after its failure');
    return result;
  } finally {
    await pool.releaseConnection(connection);
  }
}

const BEGIN = statement<object, []>('begin', 'BEGIN');

async function withinTransaction<Calls extends readonly Call<unknown>[], Result>(
  connection: Client,
  first: Calls,
  work: (trx: Db, rows: RowsOf<Calls>) => Promise<Result>,
): Promise<Result> {
  const bound = boundTo(connection);
  bound.isOpen = true;
  try {
    const [, ...rows] = await send(connection, [call(BEGIN, []), ...first]);
    return await work(bound.db, rows);
  } catch (error) {
    await rollBack(connection);
    throw error;
  } finally {
    bound.isOpen = false;
  }
}

/** As long as knex waits for a rollback. */
const ROLLBACK_MS = 5_000;

/** Rolls back, or closes the connection, so that the pool drops it. Never throws. */
async function rollBack(connection: Client): Promise<void> {
  const timer = new AbortController();
  const isRolledBack = await Promise.race([
    connection.query('ROLLBACK').then(
      () => true,
      () => false,
    ),
    wait(ROLLBACK_MS, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  if (!isRolledBack) await connection.end().catch(() => undefined);
}

interface Bound {
  /** Runs what it is given on the one connection. */
  db: Db;
  /** Whether a transaction is open there. */
  isOpen: boolean;
}

const boundByConnection = new WeakMap<Client, Bound>();

/** Building it takes longer than a statement, so each connection keeps its own. */
function boundTo(connection: Client): Bound {
  const known = boundByConnection.get(connection);
  if (known !== undefined) return known;
  const bound: Bound = { db: knex({ client: 'pg' }), isOpen: false };
  Object.assign(bound.db.client as Knex.Client, {
    // Makes a transaction within this one a savepoint of it.
    transacting: true,
    acquireConnection: () =>
      bound.isOpen
        ? Promise.resolve(connection)
        : Promise.reject(new Error('Bug: a statement after the end of its transaction')),
    releaseConnection: () => Promise.resolve(),
  });
  boundByConnection.set(connection, bound);
  return bound;
}
