import type { Client } from '@temporalio/client';
import { findTarget } from '../../src/cli/target';
import { withTemporal } from '../../src/cli/temporal-client';
import { waitUntil } from '../../src/cli/wait';
import { bookingWorkflowId } from '../../src/temporal/contracts';

/** What one booking costs Temporal, from the start of its workflow to its end. */
export interface HistoryCost {
  events: number;
  workflowTasks: number;
  activities: number;
  bytes: number;
}

/** The workflow ends moments after the payment is answered. */
const END_TIMEOUT_MS = 10_000;

/**
 * Reads the histories of bookings that are paid for. What is in them is encrypted; it is counted
 * only.
 */
export async function readHistoryCosts(bookingIds: string[]): Promise<HistoryCost[]> {
  return await withTemporal(findTarget(), async ({ client }) => {
    const costs: HistoryCost[] = [];
    for (const id of bookingIds) costs.push(await costOf(client, bookingWorkflowId(id)));
    return costs;
  });
}

async function costOf(client: Client, workflowId: string): Promise<HistoryCost> {
  const handle = client.workflow.getHandle(workflowId);
  await waitUntil(async () => (await handle.describe()).status.name !== 'RUNNING', {
    timeoutMs: END_TIMEOUT_MS,
    onTimeout: () => new Error(`${workflowId} is paid for but does not end`),
  });
  const { historyLength: events, historySize: bytes = 0 } = await handle.describe();
  const { events: history } = await handle.fetchHistory();
  const count = (
    has: 'workflowTaskCompletedEventAttributes' | 'activityTaskCompletedEventAttributes',
  ) => (history ?? []).filter((event) => event[has]).length;
  return {
    events,
    workflowTasks: count('workflowTaskCompletedEventAttributes'),
    activities: count('activityTaskCompletedEventAttributes'),
    bytes,
  };
}
