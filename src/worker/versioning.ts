import type { WorkerOptions } from '@temporalio/worker';
import type { DeploymentConfig } from '../config';

/**
 * Makes this worker one build among several. Temporal gives all tasks to the workers of the current
 * build. Workflows move to it with their next task, so that no build is kept for bookings that wait
 * for months. The gate has replayed them on it before.
 *
 * Without a build ID any worker may run any workflow. See `docs/deployment.md`.
 */
export function versioning(
  deployment: DeploymentConfig,
): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  if (deployment === undefined) return {};
  return {
    workerDeploymentOptions: {
      version: deployment,
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  };
}
