import { Registry } from 'prom-client';
import { connect, type Db } from '../../src/db/connection';
import { measureTableSizes } from '../../src/telemetry/metrics/table-sizes';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale } from '../support/flights';

/** What the API shows of the sizes of tables. */

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** The gauge's samples as an API shows them that has just started. */
async function sizes(db: Db): Promise<Map<string, number>> {
  const registry = new Registry();
  measureTableSizes(registry, db);
  const lines = (await registry.metrics()).matchAll(
    /^database_table_bytes\{table="(\w+)"\} (\d+)$/gm,
  );
  return new Map([...lines].map(([, table, bytes]) => [table ?? '', Number(bytes)]));
}

test('each table is shown with its size, which grows with its rows', async () => {
  const before = await sizes(database.as('api'));
  await putFlightOnSale(database.knex, { seats: 500 });
  const after = await sizes(database.as('api'));
  expect([...after.keys()]).toEqual(
    expect.arrayContaining(['bookings', 'booking_events', 'idempotency_outcomes', 'seats']),
  );
  expect(after.get('seats')).toBeGreaterThan(before.get('seats')!);
  expect(after.get('bookings')).toBe(before.get('bookings'));
});

test('with PostgreSQL away they are left out: an old number would look like a current one', async () => {
  const away = connect('postgres://nobody:nothing@127.0.0.1:1/nowhere', {
    applicationName: 'test',
    maxConnections: 1,
  });
  expect((await sizes(away)).size).toBe(0);
  await away.destroy();
});
