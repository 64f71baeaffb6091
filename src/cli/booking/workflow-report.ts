import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import {
  BookingStatusAttribute,
  RefundStatusAttribute,
} from '../../temporal/contracts/search-attributes';

/** A workflow's status in Temporal, and the state that it returns. */
export interface WorkflowReport<State> {
  workflowId: string;
  runId: string;
  /** Temporal's own term, such as `RUNNING` or `COMPLETED`. */
  execution: string;
  /** The last value of its search attribute. */
  bookingStatus: string | null;
  refundStatus: string | null;
  /** The worker build that runs it, if builds are used; null until one has started. */
  build: string | null;
  startedAt: string;
  closedAt: string | null;
  /** The result of its query; null when there was none. */
  state: State | null;
  /** What Temporal keeps retrying, and other problems. */
  troubles: string[];
}

/** A worker responds in milliseconds, or none is running. */
const QUERY_TIMEOUT_MS = 3_000;

/**
 * Returns a workflow's status from Temporal, and its state by a query. Returns undefined when
 * Temporal has none, or has dropped it after its retention.
 */
export async function reportWorkflow<State>(
  client: Client,
  workflowId: string,
  query?: QueryDefinition<State>,
): Promise<WorkflowReport<State> | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const description = await handle.describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  if (description === undefined) return undefined;
  const troubles = troublesOf(description);
  let state: State | null = null;
  if (query !== undefined) {
    try {
      state = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => handle.query(query));
    } catch {
      troubles.push('does not respond: is a worker running?');
    }
  }
  const attributes = description.typedSearchAttributes;
  return {
    workflowId,
    runId: description.runId,
    execution: description.status.name,
    bookingStatus: attributes.get(BookingStatusAttribute) ?? null,
    refundStatus: attributes.get(RefundStatusAttribute) ?? null,
    build: buildOf(description),
    startedAt: description.startTime.toISOString(),
    closedAt: description.closeTime?.toISOString() ?? null,
    state,
    troubles,
  };
}

function buildOf({ raw }: WorkflowExecutionDescription): string | null {
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? null;
}

/** An activity that waits by being tried again: that is no trouble. */
const WAITING = 'awaitRefunds';

/**
 * Returns what is retried. A first attempt is normal; a second one means that something went wrong.
 */
function troublesOf({ raw }: WorkflowExecutionDescription): string[] {
  const { pendingWorkflowTask, pendingActivities } = raw;
  const taskAttempt = pendingWorkflowTask?.attempt ?? 1;
  return [
    ...(taskAttempt > 1 ? [`its code fails, attempt ${String(taskAttempt)}`] : []),
    ...(pendingActivities ?? []).flatMap(({ activityType, attempt }) =>
      (attempt ?? 1) > 1 && activityType?.name !== WAITING
        ? [`${activityType?.name ?? 'an activity'} fails, attempt ${String(attempt)}`]
        : [],
    ),
  ];
}
