import type { Db } from './connection';

/** Number of rows in a page. */
const PAGE = 100;

interface KeyedRow {
  id: string;
  /**
   * The value that the rows are ordered by, as PostgreSQL writes it: a `Date` would lose its
   * microseconds.
   */
  sortKey: string;
}

/**
 * Reads the rows of a query page by page, the oldest first, whatever is inserted or deleted
 * meanwhile.
 *
 * `query` selects `id`, an instant `sort_key`, and the columns that are wanted. A row that stays
 * unchanged does not hide those behind it. The first condition says no more than the second, but an
 * index on the instant alone can serve it.
 */
export async function* inPages<Row extends object>(
  db: Db,
  query: string,
): AsyncGenerator<(Row & KeyedRow)[]> {
  let after = { sortKey: '-infinity', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const { rows } = await db.raw<{ rows: (Row & KeyedRow)[] }>(
      `SELECT found.*, sort_key::text AS "sortKey" FROM (${query}) found
       WHERE sort_key >= CAST(:sortKey AS timestamptz)
         AND (sort_key, id) > (CAST(:sortKey AS timestamptz), CAST(:id AS uuid))
       ORDER BY found.sort_key, found.id LIMIT ${String(PAGE)}`,
      after,
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = { sortKey: last.sortKey, id: last.id };
  }
}
