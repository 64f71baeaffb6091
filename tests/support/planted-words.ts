import type { Db } from '../../src/db/connection';

/** Returns which tables hold any of the words, whatever the column, as `table: word`. */
export async function findInTables(db: Db, words: readonly string[]): Promise<string[]> {
  const { rows: tables } = await db.raw<{ rows: { name: string }[] }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('public', 'sandbox_provider') ORDER BY name`,
  );
  const found: string[] = [];
  for (const { name } of tables)
    for (const word of words) {
      const { rows } = await db.raw<{ rows: unknown[] }>(
        `SELECT FROM ${name} AS t WHERE strpos(CAST(t AS text), :word) > 0 LIMIT 1`,
        { word },
      );
      if (rows.length > 0) found.push(`${name}: ${word}`);
    }
  return found;
}
