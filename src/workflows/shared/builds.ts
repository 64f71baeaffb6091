import { setWorkflowOptions, workflowInfo, type Workflow } from '@temporalio/workflow';

/**
 * Lets a workflow move on to each new build of the workers, where others stay on the one that they
 * began on: for those that may wait for months. Belongs to the function, not to its name: a wrapped
 * one must be told again.
 *
 * Workers without a build ID have nothing to declare, and Temporal refuses what they do declare.
 */
export function moveWithBuilds(workflow: Workflow): void {
  setWorkflowOptions(() => {
    // Every worker has some build, if only of its own making; a deployment has a name.
    const isVersioned = Boolean(workflowInfo().currentDeploymentVersion?.deploymentName);
    return isVersioned ? { versioningBehavior: 'AUTO_UPGRADE' } : {};
  }, workflow);
}
