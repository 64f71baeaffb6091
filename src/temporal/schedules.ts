import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILIATION_WORKFLOW } from './contracts';
import { RECONCILIATION_TEXT } from './operator-texts/reconciliation';

/** The schedule's ID, and the first part of the IDs of the workflows that it starts. */
const RECONCILIATION_SCHEDULE = 'reconciliation';

/** Half an hour is the longest that seats without a workflow stay off sale. */
const EVERY = '30m';

/** After an outage one run is enough: each run reads everything. */
const CATCH_UP = '1m';

/**
 * Creates the schedule of reconciliation. Safe to repeat, and from several workers at once: an
 * existing schedule stays as it is.
 */
export async function ensureReconciliationSchedule(
  client: Client,
  taskQueue: string,
): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: RECONCILIATION_SCHEDULE,
      spec: { intervals: [{ every: EVERY }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
      action: {
        type: 'startWorkflow',
        workflowType: RECONCILIATION_WORKFLOW,
        workflowId: RECONCILIATION_SCHEDULE,
        taskQueue,
        args: [],
        ...RECONCILIATION_TEXT,
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
