import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import { eraseCustomer } from '../../src/db/personal-data/erase';
import { erasableBefore } from '../../src/domain/retention';
import { RETENTION_WORKFLOW, type RetentionWorkflow } from '../../src/temporal/contracts/retention';
import { ensureSchedules } from '../../src/temporal/clients/schedules';
import { terms } from '../db/inventory';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, requestOf } from '../support/flights';
import { withRetentionWorker } from '../support/retention-worker';
import { quietRuntime, STARTING_MS } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';

/** Personal data go by a schedule in Temporal, once a day. */

let env: TestWorkflowEnvironment;
let database: TestDatabase;

beforeAll(async () => {
  quietRuntime();
  [env, database] = await Promise.all([devServerEnvironment(), createTestDatabase()]);
}, STARTING_MS);

afterAll(async () => {
  await env.teardown();
  await database.drop();
}, STARTING_MS);

const DAY_MS = 24 * 60 * 60 * 1000;

/** A cancelled booking of a flight that left so long ago. */
async function departed(days: number, customerId: string): Promise<void> {
  const db = database.knex;
  const flight = await putFlightOnSale(db, { seats: 1 });
  const request = requestOf(flight, { customerId });
  await reserve(db, request, terms());
  const cancellation = { reason: 'customer_request', actor: customerId } as const;
  await cancelUnpaidBooking(db, request, { ...cancellation, requestedAt: new Date() });
  const departure_at = new Date(Date.now() - days * DAY_MS);
  await db('flights').where({ id: flight.id }).update({ departure_at });
}

const run = (personalDataDays: number, workflowId: string) =>
  withRetentionWorker(env, { db: database.as('worker'), personalDataDays }, (taskQueue) =>
    env.client.workflow.execute<RetentionWorkflow>(RETENTION_WORKFLOW, { workflowId, taskQueue }),
  );

const erased = async () => (await database.knex('bookings').whereNotNull('erased_at')).length;

test('it runs once a day, and makes up for an outage', async () => {
  await ensureSchedules(env.client, 'bookings');
  const { spec, policies, action, info } = await env.client.schedule
    .getHandle('retention')
    .describe();
  expect(action).toMatchObject({ workflowType: RETENTION_WORKFLOW, taskQueue: 'bookings' });
  const [next, following] = info.nextActionTimes;
  expect(following!.getTime() - next!.getTime()).toBe(DAY_MS);
  expect(spec.calendars).toHaveLength(1);
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 12 * 3_600_000 });
});

test('without a number of days only what customers have asked for goes; with one, what is older', async () => {
  const db = database.knex;
  await departed(8, 'someone');
  await departed(31, 'someone else');
  await departed(6, 'wilhelmina');
  const now = new Date();
  const request = { requestedAt: now, before: erasableBefore(now) };
  expect(await eraseCustomer(db, 'wilhelmina', request)).toEqual({ erased: 0, waiting: 1 });
  await db('flights')
    .where('departure_at', '>', new Date(now.getTime() - 7 * DAY_MS))
    .update({ departure_at: new Date(now.getTime() - 8 * DAY_MS) });

  expect(await run(0, 'retention-1')).toEqual({ requested: 1, departed: 0 });
  expect(await erased()).toBe(1);
  expect(await run(30, 'retention-2')).toEqual({ requested: 0, departed: 1 });
  expect(await run(7, 'retention-3')).toEqual({ requested: 0, departed: 1 });
  expect(await run(7, 'retention-4')).toEqual({ requested: 0, departed: 0 });
  expect(await erased()).toBe(3);
});

test('its page says what it did, and names nobody', async () => {
  const history = await env.client.workflow.getHandle('retention-1').fetchHistory();
  expect(JSON.stringify(history)).not.toMatch(/wilhelmina|Lovelace/);
  expect(history.events?.length).toBeLessThan(20);
});
