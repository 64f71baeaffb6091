import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { SANDBOX } from '../../src/worker/sandbox';
import { STARTING_MS } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { workflowBundle } from '../support/workflow-bundle';
import { busy } from './busy-workflow';

/** A workflow's code may run longer without a pause than the SDK lets it by itself. */

/** Of a processor's time: other suites that share it make it several times longer. */
const STRETCH_MS = 12_000;
const LIMIT_OF_THE_SDK_MS = 5_000;

/** A process of its own: exceeding the time ends it. */
const WORKER = `
  const { Client, Connection } = require('@temporalio/client');
  const { DefaultLogger, NativeConnection, Runtime, Worker } = require('@temporalio/worker');
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const [address, codePath, sandbox, rounds] = process.argv.slice(1);
  async function main() {
    const worker = await Worker.create({
      connection: await NativeConnection.connect({ address }),
      taskQueue: 'long-stretch',
      workflowBundle: { codePath },
      ...JSON.parse(sandbox),
    });
    const client = new Client({ connection: await Connection.connect({ address }) });
    const busy = client.workflow.execute('busy', {
      taskQueue: 'long-stretch',
      workflowId: 'busy',
      workflowTaskTimeout: '120s',
      args: [Number(rounds)],
    });
    console.log(await worker.runUntil(busy));
  }
  main().then(() => process.exit(0), (failure) => {
    console.error(failure);
    process.exit(1);
  });
`;

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await devServerEnvironment();
}, STARTING_MS);
afterAll(() => env.teardown());

async function roundsThatTake(ms: number): Promise<number> {
  const tried = 100_000_000;
  const from = process.cpuUsage();
  await busy(tried);
  return Math.round((tried * ms * 1000) / process.cpuUsage(from).user);
}

test('workflow code that runs for many seconds without a pause ends neither its task nor the worker', async () => {
  const { codePath } = await workflowBundle(path.join(__dirname, 'busy-workflow.ts'));
  const rounds = await roundsThatTake(STRETCH_MS);
  const from = performance.now();
  const args = [env.address, codePath, JSON.stringify(SANDBOX), String(rounds)];
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', WORKER, ...args]);
  // Before it, the SDK warns of a long task.
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+$/);
  expect(performance.now() - from).toBeGreaterThan(1.5 * LIMIT_OF_THE_SDK_MS);
});
