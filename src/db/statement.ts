import type { Knex } from 'knex';
import type { Client } from 'pg';
import { send, type Call, type RowsOf, type Value } from './batch';
import type { Db } from './connection';

/**
 * A statement that PostgreSQL parses once per connection, under its name, and plans once or a few
 * times.
 *
 * Meant for what every booking runs. It names its columns: after a migration adds one, PostgreSQL
 * would refuse a prepared `SELECT *` for as long as the connection lives.
 */
export interface Statement<Row, Values extends readonly Value[]> {
  name: string;
  text: string;
  /** Only types: the columns that it returns, and what its parameters take. */
  types?: { row: Row; values: Values };
}

/** Declares a statement. Its name is unique among all, and has at most 63 characters. */
export function statement<Row, Values extends readonly Value[]>(
  name: string,
  text: string,
): Statement<Row, Values> {
  return { name, text };
}

/** Gives a statement its values. */
export function call<Row, Values extends readonly Value[]>(
  { name, text }: Statement<Row, Values>,
  values: Values,
): Call<Row> {
  return { name, text, values: [...values] };
}

/**
 * Runs statements in one round trip, on a connection of the pool, or on that of the transaction.
 * Returns the rows of each. On a connection of the pool they are one transaction.
 *
 * Only the driver is involved: nothing builds or rewrites SQL. Errors are PostgreSQL's own.
 */
export async function runTogether<const Calls extends readonly Call<unknown>[]>(
  db: Db,
  calls: Calls,
): Promise<RowsOf<Calls>> {
  const client = db.client as Knex.Client;
  const connection = (await client.acquireConnection()) as Client;
  try {
    return await send(connection, calls);
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Runs one statement, likewise. Returns its rows. */
export async function run<Row, Values extends readonly Value[]>(
  db: Db,
  statement: Statement<Row, Values>,
  values: Values,
): Promise<Row[]> {
  const [rows] = await runTogether(db, [call(statement, values)]);
  return rows;
}

/** Runs a statement that returns exactly one row. */
export async function runOne<Row, Values extends readonly Value[]>(
  db: Db,
  statement: Statement<Row, Values>,
  values: Values,
): Promise<Row> {
  const [row] = await run(db, statement, values);
  if (row === undefined) throw new Error(`Bug: the statement ${statement.name} returned no row`);
  return row;
}
