import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Knex } from 'knex';
import { grantAccess } from './access/grants';
import type { Db } from './connection';

const FOLDER = path.resolve(__dirname, '../../migrations');

/**
 * Names migrations without their file extension. So a database that was migrated from TypeScript in
 * development agrees with the build on what has run.
 */
const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: () =>
    Promise.resolve(
      readdirSync(FOLDER)
        .filter((file) => /^\d{14}_\w+\.[jt]s$/.test(file))
        .map((file) => path.parse(file).name)
        .sort(),
    ),
  getMigrationName: (name) => name,
  getMigration: (name) =>
    import(path.join(FOLDER, name + path.extname(__filename))) as Promise<Knex.Migration>,
};

const config: Knex.MigratorConfig = { migrationSource, tableName: 'schema_migrations' };

/**
 * Brings the schema up to date, then the access of every process's role to it.
 *
 * Returns the migrations that ran. Each is one transaction. Safe to repeat, also concurrently.
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  const [, names] = (await db.migrate.latest(config)) as [number, string[]];
  await grantAccess(db);
  return names;
}

/** Undoes the last batch of migrations. Returns their names. */
export async function rollBack(db: Db): Promise<string[]> {
  const [, names] = (await db.migrate.rollback(config)) as [number, string[]];
  return names;
}
