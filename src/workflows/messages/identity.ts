import { patched, workflowInfo } from '@temporalio/workflow';
import { refuse } from './refuse';

/**
 * Checks that a workflow runs under the ID that its input names. The ID makes it the only one for
 * its booking or payment. An input can be copied, as by "Start Workflow Like This One" of
 * Temporal's UI.
 *
 * @throws ApplicationFailure `validation_failed` before anything is touched.
 */
export function requireOwnId(workflowId: string): void {
  if (workflowInfo().workflowId === workflowId) return;
  // A workflow that began before this rule goes on as it began.
  if (!patched('own-workflow-id')) return;
  const { workflowType } = workflowInfo();
  refuse('validation_failed', `${workflowType} with this input runs only under its own ID.`);
}
