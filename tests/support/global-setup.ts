import { resolveProgram } from '../../scripts/stack/binaries';
import { describeError } from '../../scripts/stack/failure';
import { createDatabase } from '../../scripts/stack/postgres-cluster';
import { descendantsOf, send } from '../../scripts/stack/processes';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER, type Program } from '../../scripts/stack/programs';
import { connect } from '../../src/db/connection';
import { prepareDatabase } from '../../src/db/prepare';
import { databaseUrl, processUrls, TEMPLATE } from './database';
import { startTestPostgres, type TestPostgres } from './postgres';

declare global {
  var testPostgres: TestPostgres | undefined;
}

/**
 * Once for a run of the tests: PostgreSQL with a migrated template database, and Temporal's
 * programs found or downloaded.
 */
export default async function globalSetup(): Promise<void> {
  globalThis.testPostgres = await startTestPostgres();
  endSuitesWithUs(globalThis.testPostgres.watcherPid);
  process.env.TEST_POSTGRES_URL = globalThis.testPostgres.url;
  await createDatabase(globalThis.testPostgres.url, TEMPLATE);
  const db = connect(databaseUrl(TEMPLATE), { applicationName: 'test-setup', maxConnections: 1 });
  await prepareDatabase(db, processUrls(TEMPLATE));
  await db.destroy();

  await provide(TEMPORAL_CLI);
  await provide(TEMPORAL_TEST_SERVER);
}

/** A program that can't be had fails the tests that need it, not those that don't. */
async function provide(program: Program): Promise<void> {
  try {
    process.env[program.pathVariable] = await resolveProgram(program, { onProgress: console.log });
  } catch (error) {
    console.warn(describeError(error));
  }
}

/** Jest's workers end with jest, but the servers that their suites started would stay. */
function endSuitesWithUs(postgresWatcher: number | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      const spared =
        postgresWatcher === undefined ? [] : [postgresWatcher, ...descendantsOf(postgresWatcher)];
      for (const pid of descendantsOf(process.pid)) if (!spared.includes(pid)) send('SIGKILL', pid);
      // The handler is gone by now: this ends us, and says by which signal.
      process.kill(process.pid, signal);
    });
  }
}
