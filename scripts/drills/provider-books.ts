import { query } from '../stack/postgres-cluster';

/** What the sandbox provider has on record: rows of each of its tables, as JSON. */
export type ProvidersBooks = { table: string; rows: string }[];

/**
 * The sandbox provider's books are a schema of our database, and a restore takes them back with it.
 * A real provider's would stay as they are: a drill reads them before, and writes them after it.
 */
export async function readProvidersBooks(url: string): Promise<ProvidersBooks> {
  const tables = await query<{ name: string }>(
    url,
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'sandbox_provider'",
  );
  const books: ProvidersBooks = [];
  for (const { name } of tables) {
    const [found] = await query<{ rows: string | null }>(
      url,
      `SELECT CAST(json_agg(t) AS text) AS rows FROM sandbox_provider."${name}" t`,
    );
    books.push({ table: `sandbox_provider."${name}"`, rows: found?.rows ?? '[]' });
  }
  return books;
}

/** Writes them as they were: in one transaction, and no trigger judges them on the way. */
export async function writeProvidersBooks(url: string, books: ProvidersBooks): Promise<void> {
  const statements = books.flatMap(({ table, rows }) => [
    `TRUNCATE ${table} CASCADE`,
    `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
       SELECT * FROM json_populate_recordset(NULL::${table}, $books$${rows}$books$)`,
  ]);
  const truncated = statements.filter((text) => text.startsWith('TRUNCATE'));
  const inserted = statements.filter((text) => text.startsWith('INSERT'));
  await query(
    url,
    [
      'BEGIN',
      'SET LOCAL session_replication_role = replica',
      ...truncated,
      ...inserted,
      'COMMIT',
    ].join(';\n'),
  );
}
