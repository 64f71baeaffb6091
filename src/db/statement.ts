import type { Knex } from 'knex';
import type { Connection } from 'pg';
import type { Db } from './connection';

/**
 * A statement that PostgreSQL parses once per connection, under its name, and plans once or a few
 * times.
 *
 * Meant for what every booking runs. It names its columns: after a migration adds one, PostgreSQL
 * would refuse a prepared `SELECT *` for as long as the connection lives.
 */
export interface Statement<Row, Values extends readonly unknown[]> {
  name: string;
  text: string;
  /** Only types: the columns that it returns, and what its parameters take. */
  types?: { row: Row; values: Values };
}

/** Declares a statement. Its name is unique among all, and has at most 63 characters. */
export function statement<Row, Values extends readonly unknown[]>(
  name: string,
  text: string,
): Statement<Row, Values> {
  return { name, text };
}

type PreparingClient = Connection & {
  query: (query: { name: string; text: string; values: unknown[] }) => Promise<{ rows: unknown[] }>;
};

/**
 * Runs a statement on a connection of the pool, or on that of the transaction. Returns its rows.
 *
 * Only the driver is involved: nothing builds or rewrites SQL. Errors are PostgreSQL's own.
 */
export async function run<Row, Values extends readonly unknown[]>(
  db: Db,
  { name, text }: Statement<Row, Values>,
  values: Values,
): Promise<Row[]> {
  const client = db.client as Knex.Client;
  const connection = (await client.acquireConnection()) as PreparingClient;
  try {
    const { rows } = await connection.query({ name, text, values: [...values] });
    return rows as Row[];
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Runs a statement that returns exactly one row. */
export async function runOne<Row, Values extends readonly unknown[]>(
  db: Db,
  statement: Statement<Row, Values>,
  values: Values,
): Promise<Row> {
  const [row] = await run(db, statement, values);
  if (row === undefined) throw new Error(`Bug: the statement ${statement.name} returned no row`);
  return row;
}
