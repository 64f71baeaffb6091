import type { Db } from '../connection';
import { namedLock } from '../named-lock';
import { run } from '../statement';
import { ACCESS, DATABASE_ROLES, type DatabaseRole } from './access';

/** Name of the lock under which one migration at a time grants access in a database. */
const GRANTING = 'flight_bookings/grants';
const LOCK_GRANTS = namedLock('lock_grants');

/** SQLSTATE: this user may not create roles. */
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Returns the roles that do not exist on this server. The migrations' user may not create those.
 */
export async function missingRoles(db: Db): Promise<DatabaseRole[]> {
  const { rows } = await db.raw<{ rows: { name: string }[] }>(
    'SELECT rolname AS name FROM pg_roles WHERE rolname = ANY(?)',
    [[...DATABASE_ROLES]],
  );
  const known = new Set(rows.map(({ name }) => name));
  return DATABASE_ROLES.filter((role) => !known.has(role));
}

/**
 * Gives every role the access that `ACCESS` lists, and revokes what it no longer lists.
 *
 * Safe to repeat and to run concurrently, in one database and in several of one server: roles
 * belong to the server, grants to the database. Running processes see the old or the new access,
 * never none. A role that is missing, and that this user may not create, gets nothing.
 */
export async function grantAccess(db: Db): Promise<void> {
  for (const role of await missingRoles(db)) await createRole(db, role);
  const missing = await missingRoles(db);
  await db.transaction(async (trx) => {
    await run(trx, LOCK_GRANTS, [GRANTING]);
    for (const role of DATABASE_ROLES) if (!missing.includes(role)) await grant(trx, role);
  });
}

/**
 * Creates a role, if that is allowed. Another database of the server may do so at the same time.
 */
async function createRole(db: Db, role: DatabaseRole): Promise<void> {
  try {
    await db.raw(`
      DO $$ BEGIN
        CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END $$`);
  } catch (error) {
    const isAllowed = !(
      error instanceof Error &&
      'code' in error &&
      error.code === INSUFFICIENT_PRIVILEGE
    );
    if (isAllowed) throw error;
  }
}

async function grant(trx: Db, role: DatabaseRole): Promise<void> {
  const { reads, hidden, writes } = ACCESS[role];
  const tables = await listTables(trx);
  const schemas = [...new Set(tables.map((table) => table.slice(0, table.indexOf('.'))))];
  const readable = (table: string) =>
    reads.some((schema) => table.startsWith(`${schema}.`)) && !hidden.includes(table);
  const statements = [
    ...schemas.map((schema) => `REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${role}`),
    ...reads.map((schema) => `GRANT USAGE ON SCHEMA ${schema} TO ${role}`),
    ...tables.filter(readable).map((table) => `GRANT SELECT ON ${table} TO ${role}`),
    ...Object.entries(writes)
      .filter(([table]) => tables.includes(table))
      .map(([table, rights]) => `GRANT ${rights.join(', ')} ON ${table} TO ${role}`),
  ];
  await trx.raw(statements.join(';\n'));
}

/** Every table of ours and of the sandbox provider, by its full name. */
async function listTables(trx: Db): Promise<string[]> {
  const { rows } = await trx.raw<{ rows: { name: string }[] }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables
     WHERE schemaname IN ('public', 'sandbox_provider') ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}
