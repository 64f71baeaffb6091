import type { Client } from '@temporalio/client';
import { untilSeen } from './shop';

/**
 * Terminates a workflow as an operator does, and waits until lists of workflows say so: what
 * compares bookings with workflows reads lists, which are a moment behind.
 */
export async function terminate({ workflow }: Client, workflowId: string): Promise<void> {
  await workflow.getHandle(workflowId).terminate('by hand');
  const countOf = async (status: string) => {
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = '${status}'`;
    return (await workflow.count(query)).count;
  };
  await untilSeen(async () => {
    const isListed = (await countOf('Terminated')) > 0 && (await countOf('Running')) === 0;
    return isListed || undefined;
  });
}
