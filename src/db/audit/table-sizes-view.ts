import type { Db } from '../connection';

/** A table of ours, with its indexes and what it stores apart. */
export interface TableSize {
  table: string;
  bytes: number;
}

/** Many times what it takes; a scrape need not wait longer. */
const TIMEOUT_MS = 2_000;

/** Returns the sizes of our tables, as the file system has them: their rows are not read. */
export async function readTableSizes(db: Db): Promise<TableSize[]> {
  const { rows } = await db
    .raw<{ rows: TableSize[] }>(
      `SELECT relname AS table, pg_total_relation_size(oid) AS bytes FROM pg_class
       WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace) ORDER BY relname`,
    )
    .timeout(TIMEOUT_MS);
  return rows;
}
