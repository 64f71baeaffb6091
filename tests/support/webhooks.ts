import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { outgoingEventActivities } from '../../src/activities/outgoing-events';
import {
  createWebhookAttempts,
  type WebhookAttemptDependencies,
} from '../../src/activities/webhook-attempts';
import { webhookActivities } from '../../src/activities/webhooks';
import type { Db } from '../../src/db/connection';
import { createEndpoint } from '../../src/db/webhooks/endpoints';
import { createSecretCipher } from '../../src/db/webhooks/secret-cipher';
import { createWebhookSender } from '../../src/notifications/webhooks/send';
import { OUTGOING_EVENTS_WORKFLOW, webhookTaskQueue } from '../../src/temporal/contracts/webhook';
import { createWebhookWorkflows } from '../../src/temporal/clients/webhook-workflows';
import { TEST_KEYS, testWorkerDataConverter } from './encryption';
import { openReceiver } from './webhook-receiver';
import { workflowBundle } from './workflow-bundle';

/** The task queue of the shop's worker, on which the workflows of endpoints run. */
const TASK_QUEUE = 'bookings';

export type Attempt = Parameters<WebhookAttemptDependencies['note']>[0];

/**
 * What delivers webhooks, beside a shop's own worker: one that takes events, and one that sends.
 * Endpoints may be on this machine.
 */
export async function startWebhooks(env: TestWorkflowEnvironment, db: Db) {
  const stopping = new AbortController();
  const attempts: Attempt[] = [];
  const webhookSecrets = createSecretCipher(TEST_KEYS);
  const attempt = createWebhookAttempts({
    db,
    webhookSecrets,
    send: createWebhookSender({ allowPrivate: true }),
    note: (made) => attempts.push(made),
  });
  const deps = { db, attempt, stopping: stopping.signal };
  const common = { connection: env.nativeConnection, dataConverter: testWorkerDataConverter };
  const ownQueue = `outgoing-events-${randomUUID()}`;
  const taker = await Worker.create({
    ...common,
    taskQueue: ownQueue,
    workflowBundle: await workflowBundle(),
    activities: outgoingEventActivities({
      ...deps,
      webhookSecrets,
      webhookWorkflows: createWebhookWorkflows(env.client, TASK_QUEUE),
    }),
    shutdownForceTime: '2s',
  });
  const sender = await Worker.create({
    ...common,
    taskQueue: webhookTaskQueue(TASK_QUEUE),
    activities: webhookActivities(deps),
    shutdownForceTime: '2s',
  });
  const running = Promise.all([taker.run(), sender.run()]);
  const events = await env.client.workflow.start(OUTGOING_EVENTS_WORKFLOW, {
    workflowId: ownQueue,
    taskQueue: ownQueue,
  });
  return {
    /** Every attempt that was made. */
    attempts,
    /** The workflow that takes events. */
    events,
    stop: async () => {
      await events.terminate();
      stopping.abort();
      for (const worker of [taker, sender]) if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    },
  };
}

/** An owner with one endpoint, without any API, and its receiver. */
export async function addHook(db: Db) {
  const receiver = await openReceiver();
  const [endpointId, ownerId] = [randomUUID(), `shop-${randomUUID()}`];
  const secret = createSecretCipher(TEST_KEYS).seal(
    endpointId,
    `whsec_${Buffer.alloc(32, 's').toString('base64')}`,
  );
  const settings = { url: receiver.url, events: null, description: null };
  await createEndpoint(db, { id: endpointId, ownerId, ...settings, secret, key: null });
  return { receiver, endpointId, ownerId };
}
