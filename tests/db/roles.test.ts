import { query } from '../../scripts/stack/postgres-cluster';
import { DATABASE_ROLES } from '../../src/db/access/access';
import { connect } from '../../src/db/connection';
import { prepareDatabase, type ProcessUrls } from '../../src/db/prepare';
import { startTestPostgres, type TestPostgres } from '../support/postgres';

/**
 * On a server of its own, which knows none of our roles yet: they belong to a server, not to a
 * database.
 */

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
});

afterAll(() => server.stop());

const NO_URLS: ProcessUrls = { api: undefined, worker: undefined, sandbox: undefined };

function urlOf(database: string, user?: string): string {
  const url = Object.assign(new URL(server.url), { pathname: `/${database}` });
  if (user !== undefined) Object.assign(url, { username: user, password: `${user}'s pass?word` });
  return url.href;
}

async function prepare(url: string, urls = NO_URLS) {
  const db = connect(url, { applicationName: 'test', maxConnections: 2 });
  return prepareDatabase(db, urls).finally(() => db.destroy());
}

test('where the migrations’ user may make no roles, they run, say what is missing, and grant once it is there', async () => {
  await query(server.url, `CREATE ROLE landlord LOGIN PASSWORD 'landlord''s pass?word'`);
  await query(server.url, 'CREATE DATABASE rented OWNER landlord');
  const url = urlOf('rented', 'landlord');

  expect((await prepare(url)).missing).toEqual([...DATABASE_ROLES]);
  for (const role of DATABASE_ROLES) await query(server.url, `CREATE ROLE ${role} NOLOGIN`);
  expect((await prepare(url)).missing).toEqual([]);

  const [access] = await query(
    url,
    `SELECT has_table_privilege('flight_bookings_worker', 'seats', 'UPDATE') AS worker,
       has_table_privilege('flight_bookings_api', 'seats', 'UPDATE') AS api`,
  );
  expect(access).toEqual({ worker: true, api: false });

  await query(server.url, 'DROP DATABASE rented');
  for (const role of DATABASE_ROLES) await query(server.url, `DROP ROLE ${role}`);
});

test('many databases of one server can be prepared at once, and each a second time', async () => {
  const names = ['first', 'second', 'third', 'fourth'];
  for (const name of names) await query(server.url, `CREATE DATABASE ${name}`);
  const prepared = await Promise.all(names.map((name) => prepare(urlOf(name))));
  expect(prepared.flatMap(({ missing }) => missing)).toEqual([]);
  const again = await Promise.all(['first', 'first'].map((name) => prepare(urlOf(name))));
  expect(again.flatMap(({ migrations }) => migrations)).toEqual([]);
});

test('the migrations make the users that the processes sign in as, and follow a changed password', async () => {
  await query(server.url, 'CREATE DATABASE shop');
  const urls = {
    api: urlOf('shop', 'api'),
    worker: urlOf('shop', 'worker'),
    sandbox: urlOf('shop', 'sandbox'),
  };
  await prepare(urlOf('shop'), urls);
  for (const [user, url] of Object.entries(urls))
    expect(await query(url, 'SELECT current_user AS user')).toEqual([{ user }]);

  const changed = { ...urls, api: urls.api.replace('pass', 'fresh') };
  await prepare(urlOf('shop'), changed);
  expect(await query(changed.api, 'SELECT count(*)::int AS n FROM bookings')).toEqual([{ n: 0 }]);
  await expect(query(urls.api, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
});

test('the owner of the tables can’t be made a process’s user, nor one without a password', async () => {
  const owner = { ...NO_URLS, api: urlOf('shop') };
  await expect(prepare(urlOf('shop'), owner)).rejects.toThrow('owns the tables');
  const open = Object.assign(new URL(urlOf('shop', 'api')), { password: '' }).href;
  await expect(prepare(urlOf('shop'), { ...NO_URLS, api: open })).rejects.toThrow('lacks');
});
