import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { describeExtension, extendScheduleNow } from '../../src/cli/schedule-extension';
import { waitUntil } from '../../src/cli/wait';
import {
  FLIGHT_SCHEDULE_WORKFLOW,
  type FlightScheduleReport,
} from '../../src/temporal/contracts/flight-schedule';
import { ensureSchedules } from '../../src/temporal/clients/schedules';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { withScheduleWorker } from '../support/schedule-worker';
import { quietRuntime, STARTING_MS } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { flightsOn, quietWeek } from './quiet-week';
import { PATIENCE_MS } from '../support/patience';

/** The schedule in Temporal that extends the flight schedule, and what it starts. */

const TASK_QUEUE = 'bookings';

const week = quietWeek();

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

function schedule() {
  return env.client.schedule.getHandle('flight-schedule');
}

/** Triggers the schedule, and returns what the workflow reports that it started. */
async function reportOfRun() {
  const { info } = await schedule().describe();
  const before = info.recentActions.length;
  await schedule().trigger();
  let workflowId: string | undefined;
  await waitUntil(
    async () => {
      const { recentActions } = (await schedule().describe()).info;
      workflowId = recentActions.at(-1)?.action.workflow.workflowId;
      return recentActions.length > before;
    },
    { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('The schedule starts nothing') },
  );
  const run = env.client.workflow.getHandle<() => Promise<FlightScheduleReport>>(workflowId ?? '');
  const report = await run.result();
  return { report, description: await run.describe(), history: await run.fetchHistory() };
}

test('it is there after any number of starts, once a day, and makes up for an outage', async () => {
  await ensureSchedules(env.client, TASK_QUEUE);
  await ensureSchedules(env.client, TASK_QUEUE);
  const { spec, policies, action, info } = await schedule().describe();
  expect(action).toMatchObject({ workflowType: FLIGHT_SCHEDULE_WORKFLOW, taskQueue: TASK_QUEUE });
  const [next, following] = info.nextActionTimes;
  expect(following!.getTime() - next!.getTime()).toBe(24 * 3_600_000);
  expect(spec.calendars).toHaveLength(1);
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 12 * 3_600_000 });
});

test('a run puts the missing days on sale, says so on its page, and leaves nothing for the next', async () => {
  const [first, second] = await withScheduleWorker(
    env,
    { db: database.as('worker'), scheduleDays: 2, week },
    async () => [await reportOfRun(), await reportOfRun()],
    TASK_QUEUE,
  );
  expect(first.report.days).toHaveLength(2);
  for (const { date, flightsAdded } of first.report.days)
    expect(flightsAdded).toBe(flightsOn(week, date));
  expect(second.report).toEqual({ days: [], archived: { flights: 0, seats: 0 }, deletedQuotes: 0 });

  const summary = await first.description.staticSummary();
  expect(summary).toBe('Puts the flights of the next days on sale');
  // A year of such days must not become a history that nobody can read.
  expect(first.history.events!.length).toBeLessThan(40);
});

test('an operator extends it at once, and reads what was added', async () => {
  const report = await withScheduleWorker(
    env,
    { db: database.as('worker'), scheduleDays: 2, week },
    () => extendScheduleNow(env.client, TASK_QUEUE),
    TASK_QUEUE,
  );
  expect(describeExtension(report)).toBe('Every day of the schedule was on sale already.');
  const added = { date: '2026-12-09', flightsAdded: 1_508, seatsAdded: 203_561 };
  expect(describeExtension({ days: [added], archived: { flights: 2, seats: 31 } })).toBe(
    '2026-12-09: 1508 flights and 203561 seats added\n' +
      '31 unsold seats of 2 departed flights archived',
  );
});
