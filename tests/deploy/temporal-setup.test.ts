import path from 'node:path';
import { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { resolveProgram } from '../../scripts/stack/binaries';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { SEARCH_ATTRIBUTES } from '../../scripts/stack/search-attributes';
import { waitUntil } from '../../src/cli/wait';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
  FlightNumberAttribute,
  PaymentDeadlineAttribute,
  RefundStatusAttribute,
} from '../../src/temporal/contracts/search-attributes';
import { run } from './tools';
import { PATIENCE_MS } from '../support/patience';

/**
 * docker/temporal/setup.sh, run by hand of the same CLI as in the container, on a server that knows
 * nothing of us.
 */

let cli: string;
let temporal: TestWorkflowEnvironment;

beforeAll(async () => {
  cli = await resolveProgram(TEMPORAL_CLI);
  temporal = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: cli },
      // As a server in production: the development server's own default is for tests.
      extraArgs: ['--dynamic-config-value', 'system.forceSearchAttributesCacheRefreshOnRead=false'],
    },
  });
});

afterAll(() => temporal.teardown());

function setUp(namespace: string) {
  return run('sh', ['docker/temporal/setup.sh'], {
    env: {
      PATH: `${path.dirname(cli)}:${process.env.PATH ?? ''}`,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_RETENTION: '72h',
    },
  });
}

/** One of each, as a booking's workflow has them. */
const ATTRIBUTES = new TypedSearchAttributes([
  { key: BookingStatusAttribute, value: 'booked' },
  { key: BookingReferenceAttribute, value: 'ABCDEF' },
  { key: FlightNumberAttribute, value: 'UA1545' },
  { key: RefundStatusAttribute, value: 'pending' },
  { key: DepartureTimeAttribute, value: new Date('2026-12-01T10:00:00Z') },
  { key: PaymentDeadlineAttribute, value: new Date('2026-12-01T09:00:00Z') },
]);

test('once it has ended, bookings can begin at once and be searched by every attribute', async () => {
  expect(setUp('sales-at-once')).toMatchObject({ exitCode: 0 });
  const client = new Client({ connection: temporal.connection, namespace: 'sales-at-once' });
  const handle = await client.workflow.start('bookingWorkflow', {
    taskQueue: 'nobody',
    workflowId: 'booking-1',
    typedSearchAttributes: ATTRIBUTES,
  });
  const query = "BookingStatus = 'booked' AND FlightNumber = 'UA1545'";
  await waitUntil(async () => (await client.workflow.count(query)).count === 1, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The booking can’t be found by its attributes'),
  });
  await handle.terminate();
});

test('a server gets the namespace and the search attributes, and takes them a second time', async () => {
  for (const time of ['first', 'second']) {
    const { exitCode, stderr } = setUp('sales');
    expect({ time, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  }
  const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({
    namespace: 'sales',
  });
  expect(Object.keys(customAttributes)).toEqual(
    expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)),
  );
});
