import type { WorkerOptions } from '@temporalio/worker';
import type { DeploymentConfig } from '../config';

/**
 * Makes this worker one build among several. Temporal gives it the bookings that begin while its
 * build is the current one. They stay with it to their end, so that no release changes the rules
 * for a booking under way. Workflows that may wait for months declare otherwise.
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
      defaultVersioningBehavior: 'PINNED',
    },
  };
}
