import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import {
  flightScheduleActivities,
  type FlightScheduleDependencies,
} from '../../src/activities/flight-schedule/activities';
import { testWorkerDataConverter } from './encryption';
import { workflowBundle } from './workflow-bundle';

/**
 * Has a worker that extends the flight schedule, on a task queue of its own unless one is named,
 * for as long as `work` takes.
 */
export async function withScheduleWorker<T>(
  env: TestWorkflowEnvironment,
  deps: Omit<FlightScheduleDependencies, 'hasScenarios'>,
  work: (taskQueue: string) => Promise<T>,
  taskQueue = `flight-schedule-${randomUUID()}`,
): Promise<T> {
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    dataConverter: testWorkerDataConverter,
    activities: flightScheduleActivities({ ...deps, hasScenarios: false }),
  });
  return worker.runUntil(work(taskQueue));
}
