import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { resolveProgram } from '../../scripts/stack/binaries';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { ROOT } from '../../scripts/stack/settings';
import { describeStuck } from '../../src/cli/describe-stuck';
import { findStuck } from '../../src/operations/stuck/stuck';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import type { RunningApi } from '../support/api';
import { TEST_KEY } from '../support/encryption';
import { STARTING_MS, transfer } from '../support/shop';
import { workflowBundle } from '../support/workflow-bundle';
import { openCounter, type Counter } from './counter';
import { PATIENCE_MS } from '../support/patience';

/**
 * Builds of earlier releases pinned their bookings: what is found, and helps, when their workers are
 * gone too early.
 */

const TASK_QUEUE = 'releases';
const deploymentName = 'flight-bookings';

/** Longer than a worker waits until it asks for work again. */
const SILENCE_MS = 90_000;

let counter: Counter;
let api: RunningApi;

beforeAll(async () => {
  counter = await openCounter();
  api = await counter.startApi({ taskQueue: TASK_QUEUE });
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

/**
 * Starts a worker of a build, and makes the build the current one; returns how to stop the worker.
 */
async function release(buildId: string, { pins = false } = {}): Promise<() => Promise<void>> {
  const stop = await counter.startWorker(TASK_QUEUE, { deploymentName, buildId }, { pins });
  const { workflowService } = counter.env.client;
  const isCurrent = () =>
    workflowService
      .setWorkerDeploymentCurrentVersion({ namespace: 'default', deploymentName, buildId })
      .then(
        () => true,
        () => false,
      );
  await waitUntil(isCurrent, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('Never current'),
  });
  return stop;
}

/** A seat that someone holds by way of the current build. */
async function hold() {
  const customer = await api.customer();
  const { status, body: booking } = await customer.create(await counter.flight());
  expect(status).toBe(201);
  return { customer, booking };
}

async function findDeserted(now: number) {
  const stuck = await findStuck({ ...counter.system, taskQueue: TASK_QUEUE }, new Date(now));
  return stuck.filter(({ kind }) => kind === 'build_without_workers');
}

/** Waits until the search index has so many workflows pinned to a build. */
async function untilPinned(buildId: string, count: number): Promise<void> {
  const query = `ExecutionStatus = 'Running' AND TemporalWorkflowVersioningBehavior = 'Pinned' AND TemporalWorkerDeploymentVersion = '${deploymentName}:${buildId}'`;
  const isListed = async () => (await counter.env.client.workflow.count(query)).count === count;
  await waitUntil(isListed, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('Never listed') });
}

async function untilBooked({ id }: Booking): Promise<void> {
  const isBooked = async () =>
    (await counter.db('bookings').where({ id, status: 'booked' }).select('id')).length === 1;
  await waitUntil(isBooked, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('Never booked') });
}

test('a build whose workers went too early is found, and its bookings can be moved on', async () => {
  const stopOne = await release('one', { pins: true });
  const oldest = await hold();
  const other = await hold();
  await untilPinned('one', 2);
  expect(await findDeserted(Date.now())).toEqual([]);
  const { out } = await counter.ops('show', oldest.booking.reference);
  expect(out).toContain('RUNNING, pending, awaiting_payment, on build one');

  await stopOne();
  const stoppedAt = Date.now();
  await release('two');
  const newcomer = await hold();
  // A worker may just be started anew.
  expect(await findDeserted(stoppedAt)).toEqual([]);

  // Of the workers of `two` the last that was heard is later.
  const [found, ...others] = await findDeserted(stoppedAt + SILENCE_MS);
  expect(others).toEqual([]);
  expect(found).toMatchObject({
    what: 'flight-bookings:one',
    workflowId: oldest.booking.workflowId,
    detail: expect.stringMatching(/^2 running workflows are pinned to this build/),
  });

  // The runbook shows it of another build.
  const runbook = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
  expect(runbook).toContain(found?.detail);
  expect(runbook).toContain(
    found?.todo.replace('flight-bookings:one', 'flight-bookings:2026-11-24'),
  );

  expect(await passGate()).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Workflows under way, a sample of 3: 3 replayed, 0 failed.'),
  });
  const handle = counter.env.client.workflow.getHandle(other.booking.workflowId);
  await handle.signal(paymentReceived, transfer({ providerPaymentId: randomUUID() }));
  expect((await newcomer.customer.pay(newcomer.booking)).status).toBe(201);
  expect((await other.customer.read(other.booking.id)).body.status).toBe('pending');

  await carryOut(describeStuck(found === undefined ? [] : [found]));
  // The news that came meanwhile is heard.
  await untilBooked(other.booking);
  expect((await oldest.customer.pay(oldest.booking)).status).toBe(201);
  await untilBooked(oldest.booking);
  const isAllWell = async () => (await findDeserted(stoppedAt + SILENCE_MS)).length === 0;
  await waitUntil(isAllWell, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('Still deserted'),
  });
});

/** Asks whether the current build could carry on what is pinned to another one. */
async function passGate(): Promise<CommandResult> {
  const { codePath } = await workflowBundle();
  const env = {
    ...process.env,
    NODE_ENV: undefined,
    JEST_WORKER_ID: undefined,
    TEMPORAL_ADDRESS: counter.env.address,
    TEMPORAL_TASK_QUEUE: TASK_QUEUE,
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
  };
  const args = ['run', '--silent', 'gate', '--', '--pinned', '--bundle', codePath];
  return runCommand('npm', args, { timeoutMs: PATIENCE_MS, env });
}

/** Types the command that a finding tells, as its reader does. */
async function carryOut(finding: string): Promise<void> {
  const [, query = '', rest = ''] =
    /temporal workflow update-options --query "(.*)" (.*)$/m.exec(finding) ?? [];
  const args = ['workflow', 'update-options', '--query', query, ...rest.split(' '), '--yes'];
  const at = ['--address', counter.env.address];
  const moved = await runCommand(await resolveProgram(TEMPORAL_CLI), [...args, ...at], {
    timeoutMs: PATIENCE_MS,
  });
  expect(moved).toMatchObject({ exitCode: 0 });
}
