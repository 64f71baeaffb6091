import { waitUntil } from '../../src/cli/wait';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import { ADULT_PRICE, putFlightOnSale } from '../support/flights';
import { STARTING_MS } from '../support/shop';
import { selectorsOf } from './queries';
import { openWatchedStack, type WatchedStack } from './watched-stack';
import { PATIENCE_MS } from '../support/patience';

/**
 * What Prometheus gets to see of a day's business, and that dashboard and alerts ask for nothing
 * else.
 */

/** Nobody who reads metrics may learn these. */
const PLANTED = {
  givenName: 'Plantedgivenname',
  familyName: 'Plantedfamilyname',
  email: 'planted@example.com',
  customerId: 'planted-customer',
  provider: 'planted-bank',
};

let stack: WatchedStack;
let api: string;
let worker: string;
let temporal: string;

beforeAll(async () => {
  // One day of flights is enough for the schedule that extends itself.
  stack = await openWatchedStack({ SCHEDULE_DAYS: '1' });
  // A run of theirs, by the hour, would be counted, too.
  for (const schedule of ['reconciliation', 'nightly-audit'])
    await stack.temporal.schedule.getHandle(schedule).pause();
  const { givenName, familyName, email, customerId, provider } = PLANTED;
  const customer = await stack.customer(customerId);
  const flight = await putFlightOnSale(stack.db, { seats: 12 });
  const hold = async () => {
    const party = { passengers: [{ givenName, familyName }], contact: { email } };
    return (await customer.create(flight, party)).body;
  };

  await hold();
  await customer.pay(await hold());
  await customer.pay(await hold(), { paymentMethod: 'pm_sandbox_error' });
  await customer.pay(await hold(), { paymentMethod: 'pm_card_chargeDeclined' });
  await customer.cancel(await hold());
  const regretted = await hold();
  await customer.pay(regretted);
  await customer.cancel(regretted);
  const { workflowId } = await hold();
  const transfer = { ...ADULT_PRICE, provider, providerPaymentId: 'transfer-1' };
  await stack.temporal.workflow.getHandle(workflowId).signal(paymentReceived, transfer);
  // Nobody has written this workflow: its tasks fail, as those of one whose code is wrong.
  const unwritten = { workflowId: 'unwritten', taskQueue: 'bookings' };
  const faulty = await stack.temporal.workflow.start('unwrittenWorkflow', unwritten);
  for (const schedule of ['reconciliation', 'flight-schedule'])
    await stack.temporal.schedule.getHandle(schedule).trigger();

  const isCounted = async () => {
    worker = await stack.scrape('worker');
    temporal = await stack.scrape('temporal');
    return [
      'bookings_total{status="booked",reason="none"} 4',
      'refunds_total{status="succeeded"} 1',
      'audits_total 1',
      'temporal_workflow_task_execution_failed_total',
    ].every((line) => `${worker}${temporal}`.includes(line));
  };
  await waitUntil(isCounted, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error(`Not all of it was counted:\n${worker}`),
  });
  await faulty.terminate();
  api = await stack.scrape('api');
}, STARTING_MS);

afterAll(() => stack.close(), STARTING_MS);

test('the worker counts what became of bookings, payments and refunds', () => {
  expect(countedIn(worker, 'bookings_total')).toEqual([
    'bookings_total{status="booked",reason="none"} 4',
    'bookings_total{status="cancelled",reason="customer_request"} 2',
    'bookings_total{status="initiated",reason="none"} 7',
    'bookings_total{status="pending",reason="none"} 7',
  ]);
  expect(countedIn(worker, 'payments_total')).toEqual([
    'payments_total{provider="external",result="captured"} 1',
    'payments_total{provider="sandbox",result="captured"} 3',
    'payments_total{provider="sandbox",result="declined"} 1',
  ]);
  expect(linesOf(worker, 'refunds_total')).toEqual(['refunds_total{status="succeeded"} 1']);
  expect(worker).toContain('booking_reserve_seconds_count 7');
  expect(worker).toContain('booking_book_seconds_count 3');
});

test('reconciliation counts what it found, from zero on', () => {
  expect(linesOf(worker, 'reconciliation_disagreements_total')).toHaveLength(5);
  expect(linesOf(worker, 'reconciliation_repairs_total')).toHaveLength(5);
  const found = /^(reconciliation|audit_violations)_?\w*(\{.*\})? [1-9]/m;
  expect(worker).not.toMatch(found);
});

test('the worker times each request to the provider, and counts those that fail', () => {
  const requests = (operation: string, outcome: string) =>
    Number(
      new RegExp(
        `^payment_provider_requests_total\\{provider="sandbox",operation="${operation}",outcome="${outcome}"\\} (\\d+)$`,
        'm',
      ).exec(worker)?.[1],
    );
  // Three captures, a decline, and the two errors of the card that fails twice.
  expect(requests('authorize', 'answered')).toBe(4);
  expect(requests('authorize', 'unavailable') + requests('capture', 'unavailable')).toBeGreaterThan(
    0,
  );
  expect(requests('capture', 'answered')).toBe(3);
  expect(requests('refund', 'answered')).toBe(1);
  expect(requests('refund', 'rejected')).toBe(0);
  expect(worker).toMatch(
    /^payment_provider_request_seconds_count\{provider="sandbox",operation="refund"\} 1$/m,
  );
});

test('a worker that starts sees to it that the flight schedule is extended every day', async () => {
  const { workflow } = stack.temporal;
  const query = "WorkflowType = 'flightScheduleWorkflow' AND ExecutionStatus = 'Completed'";
  await waitUntil(async () => (await workflow.count(query)).count === 1, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The flight schedule was not extended'),
  });
  const days = await stack.db('flight_schedule_days').select('departure_date');
  expect(days).toHaveLength(1);
  expect(await stack.db('flights').where(days[0]!).limit(1)).toHaveLength(1);
  expect(worker).toContain('\nflight_schedule_days 1\n');
});

test('both processes tell of themselves and of their connections', () => {
  for (const text of [api, worker]) {
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
    expect(text).toMatch(/^database_pool_connections\{state="used"\} \d+$/m);
    expect(text).toMatch(/^database_pool_connections\{state="pending"\} 0$/m);
  }
});

test('no metric names a person, a card, a booking or a bank that someone made up', () => {
  for (const text of [api, worker, temporal]) {
    for (const secret of Object.values(PLANTED)) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}|pm_card/);
  }
});

test.each(['METRICS_PORT', 'TEMPORAL_METRICS_PORT'] as const)(
  'a worker whose %s is taken says so and ends',
  async (variable) => {
    const { exitCode, output } = await stack.startWorkerWithTakenPort(variable);
    expect(output).toMatch(/address (already )?in use/i);
    expect(exitCode).toBe(1);
  },
);

test.each(['deploy/grafana/flight-bookings.json', 'deploy/prometheus/alerts.yml'])(
  '%s asks for series that there are',
  (file) => {
    const shown = [api, worker, temporal].flatMap((text) => text.split('\n'));
    // Made by Prometheus itself for each target that it scrapes.
    const asked = selectorsOf(file).filter(({ metric }) => metric !== 'up');
    const missing = asked.filter(
      ({ metric, labels }) =>
        !shown.some(
          (line) =>
            (line.startsWith(`${metric}{`) || line.startsWith(`${metric} `)) &&
            labels.every((label) => line.includes(label)),
        ),
    );
    expect(missing).toEqual([]);
    expect(asked.length).toBeGreaterThan(10);
  },
);

function linesOf(text: string, metric: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`))
    .sort();
}

/** Those whose count is not zero, with which each begins. */
function countedIn(text: string, metric: string): string[] {
  return linesOf(text, metric).filter((line) => !line.endsWith(' 0'));
}
