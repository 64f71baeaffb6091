import { connect } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // The tests' server doesn't wait by itself.
  const name = new URL(database.url).pathname.slice(1);
  await database.knex.raw(`ALTER DATABASE ${name} SET synchronous_commit = on`);
});
afterAll(() => database.drop());

test.each([
  [true, 'on'],
  [false, 'off'],
  [undefined, 'on'],
])('a commit waits for the disk unless it may be lost: isDurable %s', async (isDurable, mode) => {
  const db = connect(database.url, {
    applicationName: 'test',
    maxConnections: 1,
    ...(isDurable === undefined ? {} : { isDurable }),
  });
  const { rows } = await db.raw<{ rows: unknown[] }>('SHOW synchronous_commit');
  await db.destroy();
  expect(rows).toEqual([{ synchronous_commit: mode }]);
});

test.each([
  [true, 'force_generic_plan'],
  [undefined, 'auto'],
])('PostgreSQL plans once where that is asked for: plansOnce %s', async (plansOnce, mode) => {
  const db = connect(database.url, {
    applicationName: 'test',
    maxConnections: 1,
    isDurable: false,
    ...(plansOnce === undefined ? {} : { plansOnce }),
  });
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `SELECT current_setting('plan_cache_mode') AS plans, current_setting('synchronous_commit') AS commits`,
  );
  await db.destroy();
  expect(rows).toEqual([{ plans: mode, commits: 'off' }]);
});

test('a query right after one whose connection was cut has another connection', async () => {
  const db = connect(database.url, { applicationName: 'cut', maxConnections: 1 });
  for (let round = 0; round < 20; round++) {
    await db.raw('SELECT 1');
    const cut = db.raw('SELECT pg_sleep(5)').then(
      () => 'done',
      // Sent at once: whether the socket has ended by now is a matter of microseconds.
      () => db.raw<{ rows: unknown[] }>('SELECT 1 AS one'),
    );
    await database.knex.raw(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cut'`,
    );
    await expect(cut).resolves.toMatchObject({ rows: [{ one: 1 }] });
  }
  await db.destroy();
});
