import type { Db } from '../../src/db/connection';

/**
 * Backs up our own tables as they are now, and returns how to restore them. The sandbox provider's
 * books are left alone in both: they are another company's.
 *
 * As `pg_restore --disable-triggers` does, a restore writes rows as they were, and no trigger or
 * foreign key judges them on the way. Both are one transaction: no connection is lost.
 */
export async function backUp(db: Db): Promise<() => Promise<void>> {
  const tables = await listTables(db);
  await db.transaction(async (trx) => {
    await trx.raw('DROP SCHEMA IF EXISTS backup CASCADE; CREATE SCHEMA backup');
    for (const table of tables)
      await trx.raw(`CREATE TABLE backup.${table} AS TABLE public.${table}`);
  }, ONE_INSTANT);
  return async () => {
    await db.transaction(async (trx) => {
      await trx.raw('SET LOCAL session_replication_role = replica');
      await trx.raw(`TRUNCATE ${tables.map((table) => `public.${table}`).join(', ')}`);
      for (const table of tables)
        await trx.raw(
          `INSERT INTO public.${table} OVERRIDING SYSTEM VALUE SELECT * FROM backup.${table}`,
        );
    });
  };
}

/** All tables are read as they were at one instant. */
const ONE_INSTANT = { isolationLevel: 'repeatable read' } as const;

async function listTables(db: Db): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { name: string }[] }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  return rows.map(({ name }) => name);
}
