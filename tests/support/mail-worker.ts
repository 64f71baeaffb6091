import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { mailActivities } from '../../src/activities/mail/activities';
import type { MailDependencies } from '../../src/activities/mail/dependencies';
import { testWorkerDataConverter } from './encryption';
import { workflowBundle } from './workflow-bundle';

/**
 * Has a worker that sends mails, on a task queue of its own unless one is named, for as long as
 * `work` takes. It then hands over: what it has sent is counted, and the next worker goes on.
 */
export async function withMailWorker<T>(
  env: TestWorkflowEnvironment,
  deps: Pick<MailDependencies, 'db' | 'mail'>,
  work: (taskQueue: string) => Promise<T>,
  taskQueue = `mail-delivery-${randomUUID()}`,
): Promise<T> {
  const stopping = new AbortController();
  const quiet = () => undefined;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: testWorkerDataConverter,
    activities: mailActivities({
      ...deps,
      stopping: stopping.signal,
      logger: { info: quiet, warn: quiet, error: quiet },
      onResult: quiet,
    }),
  });
  return worker.runUntil(
    work(taskQueue).finally(() => {
      stopping.abort();
    }),
  );
}
