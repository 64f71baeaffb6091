import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createOperatorActions } from '../../src/temporal/clients/operator-actions';
import { clientConnectionOptions } from '../../src/temporal/connection';
import { Door } from '../support/door';
import { STARTING_MS } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';

/** Temporal that can't be reached for a while, as during an upgrade of it. */

/** By then gRPC would wait for ten seconds before it tries again, by default. */
const AWAY_MS = 17_000;

const IS_BACK_WITHIN_MS = 3_000;

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await devServerEnvironment();
}, STARTING_MS);
afterAll(() => env.teardown());

test('a client finds a Temporal again within seconds, however long it was away', async () => {
  const door = new Door(env.address);
  const address = await door.open();
  const connection = Connection.lazy(clientConnectionOptions({ address, variables: {} }));
  const ask = () =>
    connection.withDeadline(Date.now() + 500, () => connection.workflowService.getSystemInfo({}));
  try {
    await ask();
    await door.shut();
    const until = Date.now() + AWAY_MS;
    while (Date.now() < until) {
      await expect(ask()).rejects.toThrow();
      await wait(250);
    }
    await door.open();
    const from = Date.now();
    while ((await ask().catch(() => undefined)) === undefined) await wait(50);
    expect(Date.now() - from).toBeLessThan(IS_BACK_WITHIN_MS);
  } finally {
    await connection.close();
    await door.shut();
  }
});

test('a refund that no worker takes up is an open question in time, not an error', async () => {
  const refund = { paymentId: randomUUID(), refundId: null, subject: undefined };
  const actions = createOperatorActions(env.client, `nobody-${randomUUID()}`);
  const from = Date.now();
  const retry = { requestedBy: 'operator-1', note: 'The bank asked.' };
  expect(await actions.retryRefund(refund, retry)).toEqual({ kind: 'no_result' });
  expect(Date.now() - from).toBeLessThan(10_000);
});
