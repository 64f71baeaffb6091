import { connect } from '../src/db/connection';
import { migrateToLatest } from '../src/db/migrate';

/** Brings the database that DATABASE_URL names up to date: a release runs it before its API and workers start. Safe to repeat. */
async function main(): Promise<void> {
  const { DATABASE_URL: databaseUrl = '' } = process.env;
  if (databaseUrl === '') throw new Error('DATABASE_URL is required.');

  const db = connect(databaseUrl, {
    applicationName: 'flight-bookings-migrate',
    maxConnections: 1,
  });
  const names = await migrateToLatest(db).finally(() => db.destroy());
  console.log(
    names.length === 0 ? 'The database is up to date.' : `Migrated:\n${names.join('\n')}`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
