import { Registry } from 'prom-client';
import { connect, type Db } from '../../src/db/connection';
import { measureScheduleReach } from '../../src/telemetry/metrics/flight-schedule';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** What the API shows of how far the flight schedule reaches. */

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** The gauge's samples as an API shows them that has just started. */
async function samples(db: Db): Promise<string[]> {
  const registry = new Registry();
  measureScheduleReach(registry, db);
  return (await registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('flight_schedule_reaches_timestamp_seconds'));
}

async function putOnSale(...days: number[]): Promise<void> {
  for (const day of days)
    await database.knex.raw(
      `INSERT INTO flight_schedule_days (departure_date, last_departure_at)
       VALUES (current_date + ?::integer, to_timestamp(1000 + ?))`,
      [day, day],
    );
}

test('with nothing on sale it is 0, so that the alert fires', async () => {
  expect(await samples(database.as('api'))).toEqual([
    'flight_schedule_reaches_timestamp_seconds 0',
  ]);
  // Days that have gone are nothing that anyone could book.
  await putOnSale(-3, -2);
  expect(await samples(database.as('api'))).toEqual([
    'flight_schedule_reaches_timestamp_seconds 0',
  ]);
});

test('it is the last departure before the first gap', async () => {
  await putOnSale(0, 1, 2, 4, 5);
  expect(await samples(database.as('api'))).toEqual([
    'flight_schedule_reaches_timestamp_seconds 1002',
  ]);
});

test('with PostgreSQL away it is left out: an old number would look like a current one', async () => {
  const away = connect('postgres://nobody:nothing@127.0.0.1:1/nowhere', {
    applicationName: 'test',
    maxConnections: 1,
  });
  expect(await samples(away)).toEqual([]);
  await away.destroy();
});
