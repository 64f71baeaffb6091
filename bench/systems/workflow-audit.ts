import { Connection } from '@temporalio/client';
import { waitUntil } from '../../src/cli/wait';
import type { Lab } from '../lab/lab';

/** Temporal's index of workflows lags behind them. */
const INDEX_TIMEOUT_MS = 10_000;

/** Where workflows are the only books: as many have completed as bookings were paid for. */
export async function auditWorkflows(
  { cluster }: Lab,
  workflowType: string,
  sold: number,
): Promise<string[]> {
  const connection = await Connection.connect({ address: cluster.temporalAddress });
  let completed = 0;
  const isComplete = async () => {
    const { count } = await connection.workflowService.countWorkflowExecutions({
      namespace: cluster.settings.temporalNamespace,
      query: `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Completed'`,
    });
    completed = Number(count);
    return completed >= sold;
  };
  try {
    await waitUntil(isComplete, {
      timeoutMs: INDEX_TIMEOUT_MS,
      onTimeout: () => new Error(`${sold} were paid for, ${completed} workflows have completed`),
    });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    await connection.close();
  }
}
