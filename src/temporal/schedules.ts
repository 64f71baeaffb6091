import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILIATION_WORKFLOW } from './contracts';
import { RECONCILIATION_TEXT } from './operator-texts/reconciliation';

/** The schedule's ID, and of the workflows that it starts the first part of theirs. */
const RECONCILIATION_SCHEDULE = 'reconciliation';

/**
 * Every half an hour: what falls between the cracks takes seats off sale for so long at the most.
 */
const EVERY = '30m';

/** After an outage one run is enough: it looks at everything anyway. */
const CATCH_UP = '1m';

/**
 * Sees to it that reconciliation runs by itself. Safe to repeat, and from several workers at once:
 * a schedule that is there stays as it is.
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
