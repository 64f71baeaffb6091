import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { RECONCILIATION_WORKFLOW, type ReconciliationRequest } from '../contracts/reconciliation';
import { FLIGHT_SCHEDULE_WORKFLOW } from '../contracts/flight-schedule';
import { FLIGHT_SCHEDULE_TEXT } from '../operator-texts/flight-schedule';
import type { OperatorText } from '../operator-texts/operator-text';
import { RECONCILIATION_TEXT } from '../operator-texts/reconciliation';
import { RETENTION_TEXT } from '../operator-texts/retention';
import { RETENTION_WORKFLOW } from '../contracts/retention';
import { OUTGOING_EVENTS_TEXT } from '../operator-texts/webhooks';
import { OUTGOING_EVENTS_WORKFLOW } from '../contracts/webhook';

interface Regular {
  /** The schedule's ID, and the first part of the IDs of the workflows that it starts. */
  id: string;
  workflowType: string;
  args?: [] | [ReconciliationRequest];
  text: OperatorText;
  spec: ScheduleOptions['spec'];
  /** How late a run may start that was due while Temporal was away. */
  catchupWindow: '1m' | '6h' | '12h';
  /** Whether the first run starts when the schedule is created. */
  startsAtOnce?: boolean;
}

const SCHEDULES: Regular[] = [
  {
    id: 'reconciliation',
    workflowType: RECONCILIATION_WORKFLOW,
    text: RECONCILIATION_TEXT,
    // Half an hour is the longest that seats without a workflow stay off sale.
    spec: { intervals: [{ every: '30m' }] },
    // After an outage one run is enough: each run reads everything.
    catchupWindow: '1m',
  },
  {
    id: 'nightly-audit',
    workflowType: RECONCILIATION_WORKFLOW,
    // It checks everything, rather than what was changed.
    args: [{ auditsEverything: true, comparesDays: true }],
    text: RECONCILIATION_TEXT,
    // In UTC, when flights from New York and London are least sold.
    spec: { calendars: [{ hour: 4, minute: 10 }] },
    // A run that was due in an outage by night is made in the morning.
    catchupWindow: '6h',
  },
  {
    id: 'flight-schedule',
    workflowType: FLIGHT_SCHEDULE_WORKFLOW,
    text: FLIGHT_SCHEDULE_TEXT,
    // In UTC: after midnight at the origins all year round, when few people book.
    spec: { calendars: [{ hour: 8, minute: 17 }] },
    // The next run would be a day later, with a day less on sale until then.
    catchupWindow: '12h',
  },
  {
    id: 'retention',
    workflowType: RETENTION_WORKFLOW,
    text: RETENTION_TEXT,
    // In UTC, before the nightly audit, which checks what it leaves.
    spec: { calendars: [{ hour: 2, minute: 40 }] },
    catchupWindow: '12h',
  },
  {
    id: 'outgoing-events',
    workflowType: OUTGOING_EVENTS_WORKFLOW,
    text: OUTGOING_EVENTS_TEXT,
    // It runs for ever: this only starts it, and again if somebody ended it.
    spec: { intervals: [{ every: '1m' }] },
    catchupWindow: '1m',
    startsAtOnce: true,
  },
];

/** Those that compare money with the providers, and give back what belongs to no booking. */
export const RECONCILIATION_SCHEDULES: readonly string[] = SCHEDULES.filter(
  ({ workflowType }) => workflowType === RECONCILIATION_WORKFLOW,
).map(({ id }) => id);

/**
 * Creates the schedules of reconciliation, the complete audit, the flight schedule, retention and
 * outgoing events. Safe to repeat, and from several workers at once: an existing schedule stays as
 * it is.
 */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const schedule of SCHEDULES) await ensureSchedule(client, taskQueue, schedule);
}

async function ensureSchedule(
  client: Client,
  taskQueue: string,
  { id, workflowType, args = [], text, spec, catchupWindow, startsAtOnce = false }: Regular,
): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: id,
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
      state: { triggerImmediately: startsAtOnce },
      action: {
        type: 'startWorkflow',
        workflowType,
        workflowId: id,
        taskQueue,
        args,
        ...text,
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
