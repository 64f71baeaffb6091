import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { BookingStatusAttribute, RefundStatusAttribute } from '../../temporal/search-attributes';

/** How a workflow stands, and what it says of itself. */
export interface WorkflowReport<State> {
  workflowId: string;
  runId: string;
  /** Temporal's own word, such as `RUNNING` or `COMPLETED`. */
  execution: string;
  /** What was last written to its search attributes. */
  bookingStatus: string | null;
  refundStatus: string | null;
  /**
   * The build of the workers that carries it on, where they have builds; null until one has begun.
   */
  build: string | null;
  startedAt: string;
  closedAt: string | null;
  /** Its answer to the query; null when it gave none. */
  state: State | null;
  /** What Temporal tries again and again, and what else is the matter. */
  troubles: string[];
}

/** A worker replies in milliseconds, or there is none. */
const QUERY_TIMEOUT_MS = 3_000;

/**
 * Asks Temporal how a workflow stands, and the workflow itself for its state; undefined when
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
      troubles.push('gives no answer: is a worker running?');
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

/** A first attempt is the way of things; a second one says that something went wrong. */
function troublesOf({ raw }: WorkflowExecutionDescription): string[] {
  const { pendingWorkflowTask, pendingActivities } = raw;
  const taskAttempt = pendingWorkflowTask?.attempt ?? 1;
  return [
    ...(taskAttempt > 1 ? [`its code fails, attempt ${String(taskAttempt)}`] : []),
    ...(pendingActivities ?? []).flatMap(({ activityType, attempt }) =>
      (attempt ?? 1) > 1
        ? [`${activityType?.name ?? 'an activity'} fails, attempt ${String(attempt)}`]
        : [],
    ),
  ];
}
