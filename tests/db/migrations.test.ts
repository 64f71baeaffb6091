import { query } from '../../scripts/stack/postgres-cluster';
import { migrateToLatest, rollBack } from '../../src/db/migrate';
import { createTestDatabase } from '../support/database';

test('the schema can be taken down and built again, and is the same', async () => {
  const database = await createTestDatabase();
  const before = await schemaOf(database.url);
  expect(before.length).toBeGreaterThan(100);

  await rollBack(database.knex);
  expect(await schemaOf(database.url)).toEqual([]);

  await migrateToLatest(database.knex);
  expect(await schemaOf(database.url)).toEqual(before);
  await database.drop();
});

test('migrating what is up to date changes nothing', async () => {
  const database = await createTestDatabase();
  expect(await migrateToLatest(database.knex)).toEqual([]);
  await database.drop();
});

/**
 * Every column, constraint, index, trigger and function of ours, each in a line; the migrator's own
 * tables left out.
 */
async function schemaOf(url: string): Promise<string[]> {
  const ours = `IN ('public', 'sandbox_provider')`;
  const rows = await query<{ line: string }>(
    url,
    `SELECT line FROM (
       SELECT concat_ws(' ', table_schema, table_name, column_name, data_type, is_nullable, column_default) AS line
         FROM information_schema.columns WHERE table_schema ${ours}
       UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
         WHERE connamespace::regnamespace::text ${ours}
       UNION ALL SELECT concat_ws(' ', tablename, indexdef) FROM pg_indexes WHERE schemaname ${ours}
       UNION ALL SELECT concat_ws(' ', tgrelid::regclass, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
       UNION ALL SELECT prosrc FROM pg_proc WHERE pronamespace::regnamespace::text ${ours}
     ) lines WHERE line NOT LIKE '%schema_migrations%' ORDER BY line`,
  );
  return rows.map((row) => row.line);
}
