import { setWorkflowOptions, workflowInfo, type Workflow } from '@temporalio/workflow';

/**
 * Lets a workflow move on to each new build of the workers, where others stay on the build that
 * they began on. Meant for workflows that may wait for months. It applies to the function, not to
 * its name: call it again for a wrapped one.
 *
 * Workers without a build ID have no versioning behaviour, and Temporal refuses one that they
 * declare.
 */
export function moveWithBuilds(workflow: Workflow): void {
  setWorkflowOptions(() => {
    // Every worker has some build ID, if only a generated one. Only a deployment has a name.
    const isVersioned = Boolean(workflowInfo().currentDeploymentVersion?.deploymentName);
    return isVersioned ? { versioningBehavior: 'AUTO_UPGRADE' } : {};
  }, workflow);
}
