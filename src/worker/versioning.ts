import type { WorkerOptions } from '@temporalio/worker';
import type { DeploymentConfig } from '../config';

/**
 * Makes this worker one build among several: Temporal gives it the bookings that begin while its
 * build is the current one, and these stay with it to their end, so that no release changes the
 * rules for a booking under way. Workflows that may wait for months say otherwise of themselves.
 *
 * Without a build ID any worker may take up anything. See `docs/deployment.md`.
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
