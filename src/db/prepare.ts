import type { DatabaseRole } from './access/access';
import { missingRoles } from './access/grants';
import { ensureLogin } from './access/logins';
import type { Db } from './connection';
import { migrateToLatest } from './migrate';

/** The PostgreSQL URL of each process, with its own user; undefined where none is configured. */
export type ProcessUrls = Record<'api' | 'worker' | 'sandbox', string | undefined>;

const ROLE_OF: Record<keyof ProcessUrls, DatabaseRole> = {
  api: 'flight_bookings_api',
  worker: 'flight_bookings_worker',
  sandbox: 'flight_bookings_sandbox',
};

export interface PreparedDatabase {
  migrations: string[];
  /** Roles that do not exist and that the user of the migrations may not create. */
  missing: DatabaseRole[];
}

/**
 * Brings a database up to date: tables, access of every role, and the users that the processes
 * connect as. Safe to repeat.
 */
export async function prepareDatabase(db: Db, urls: ProcessUrls): Promise<PreparedDatabase> {
  const migrations = await migrateToLatest(db);
  const missing = await missingRoles(db);
  for (const [process, role] of Object.entries(ROLE_OF)) {
    const url = urls[process as keyof ProcessUrls];
    if (url !== undefined && !missing.includes(role)) await ensureLogin(db, role, url);
  }
  return { migrations, missing };
}
