import { query } from '../../scripts/stack/postgres-cluster';
import { connect } from '../../src/db/connection';
import { ON_SALE, sellSeat } from '../claims/sale';

/** What one statement of a sale costs PostgreSQL, the triggers that it fires included. */
export interface StatementCost {
  /** How its text begins. */
  statement: string;
  perSale: number;
  /** Each, in milliseconds. */
  meanMs: number;
  /** Pages of 8 kB that it looked at, and those of them that were not in PostgreSQL's memory. */
  pages: number;
  pagesRead: number;
  walBytes: number;
}

/** Caches fill before the sales that count. */
const WARM_UP = 200;
const SALES = 1_000;

/** Sells seats one after another, in SQL alone, and reads what PostgreSQL has counted. */
export async function measureStatements(databaseUrl: string): Promise<StatementCost[]> {
  const flights = (await query<{ id: string }>(databaseUrl, ON_SALE)).map(({ id }) => id);
  const db = connect(databaseUrl, { applicationName: 'bench', maxConnections: 1 });
  try {
    for (let sale = 0; sale < WARM_UP; sale += 1) await sellSeat(db, flights);
    await db.raw('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    await db.raw('SELECT pg_stat_statements_reset()');
    for (let sale = 0; sale < SALES; sale += 1) await sellSeat(db, flights);
    const { rows } = await db.raw<{ rows: StatementCost[] }>(
      `SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 60) AS statement,
         CAST(calls AS float8) / ${SALES} AS "perSale", mean_exec_time AS "meanMs",
         CAST(shared_blks_hit + shared_blks_read AS float8) / calls AS pages,
         CAST(shared_blks_read AS float8) / calls AS "pagesRead",
         CAST(wal_bytes AS float8) / calls AS "walBytes"
       FROM pg_stat_statements
       WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND calls >= ${SALES} AND toplevel ORDER BY total_exec_time DESC`,
    );
    return rows;
  } finally {
    await db.destroy();
  }
}
