import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import {
  personalDataActivities,
  type PersonalDataDependencies,
} from '../../src/activities/personal-data/activities';
import { testWorkerDataConverter } from './encryption';
import { workflowBundle } from './workflow-bundle';

/** Has a worker that erases personal data, on a task queue of its own unless one is named. */
export async function withRetentionWorker<T>(
  env: TestWorkflowEnvironment,
  deps: PersonalDataDependencies,
  work: (taskQueue: string) => Promise<T>,
  taskQueue = `retention-${randomUUID()}`,
): Promise<T> {
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: testWorkerDataConverter,
    activities: personalDataActivities(deps),
  });
  return worker.runUntil(work(taskQueue));
}
