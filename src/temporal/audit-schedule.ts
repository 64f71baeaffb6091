import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILIATION_WORKFLOW, type ReconciliationRequest } from './contracts';
import { RECONCILIATION_TEXT } from './operator-texts/reconciliation';

/** The schedule's ID, and the first part of the IDs of the workflows that it starts. */
const NIGHTLY_AUDIT_SCHEDULE = 'nightly-audit';

/** In UTC, when flights from New York and London are least sold. */
const AT = { hour: 4, minute: 10 };

/** After an outage in the night the run is made up for in the morning. */
const CATCH_UP = '6h';

/**
 * Creates the schedule of the complete audit: a reconciliation that checks everything, rather than
 * what was changed. Safe to repeat, and from several workers at once: an existing schedule stays as
 * it is.
 */
export async function ensureNightlyAuditSchedule(client: Client, taskQueue: string): Promise<void> {
  const request: ReconciliationRequest = { auditsEverything: true, comparesDays: true };
  try {
    await client.schedule.create({
      scheduleId: NIGHTLY_AUDIT_SCHEDULE,
      spec: { calendars: [AT] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
      action: {
        type: 'startWorkflow',
        workflowType: RECONCILIATION_WORKFLOW,
        workflowId: NIGHTLY_AUDIT_SCHEDULE,
        taskQueue,
        args: [request],
        ...RECONCILIATION_TEXT,
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
