import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { BOOKING_WORKFLOW, bookingWorkflowId } from './contracts';
import {
  CANCELLATION_WORKFLOW,
  cancellationWorkflowId,
  REFUND_WORKFLOW,
  refundWorkflowId,
} from './refund-contracts';
import { BookingStatusAttribute } from './search-attributes';

/** A booking workflow's standing, according to Temporal. */
export interface WorkflowStanding {
  bookingId: string;
  /** `ended` is every end but completion: terminated, failed, timed out. */
  state: 'running' | 'completed' | 'ended';
  /**
   * The search attribute `BookingStatus`: the booking's last status, set by its workflow or by the
   * one that cancelled it later.
   */
  bookingStatus: string | undefined;
  startedAt: Date;
}

/** Looks up booking workflows. Reconciliation and audit ask Temporal nothing else. */
export interface WorkflowLookup {
  /**
   * Every booking workflow that Temporal still keeps, from its search index: about a second behind.
   */
  all(): AsyncIterable<WorkflowStanding>;
  /**
   * One workflow as it is now; undefined when Temporal has none, or has dropped it after its
   * retention.
   */
  one(bookingId: string): Promise<WorkflowStanding | undefined>;
  /**
   * Returns which of the payments have a refund workflow that is running at this moment, even if it
   * waits for an operator.
   */
  refunding(paymentIds: readonly string[]): Promise<Set<string>>;
}

const ID_PREFIX = bookingWorkflowId('');

export function createWorkflowLookup(client: Client): WorkflowLookup {
  async function describe(workflowId: string): Promise<WorkflowExecutionDescription | undefined> {
    try {
      return await client.workflow.getHandle(workflowId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  return {
    async *all() {
      const cancelled = new Set<string>();
      const ofCancelled = `WorkflowType = '${CANCELLATION_WORKFLOW}' AND BookingStatus = 'cancelled'`;
      for await (const { workflowId } of client.workflow.list({ query: ofCancelled }))
        cancelled.add(workflowId.slice(cancellationWorkflowId('').length));
      const query = `WorkflowType = '${BOOKING_WORKFLOW}'`;
      for await (const execution of client.workflow.list({ query })) {
        const standing = toStanding(execution);
        yield cancelled.has(standing.bookingId) ? superseded(standing) : standing;
      }
    },

    async refunding(paymentIds) {
      const ids = new Map(paymentIds.map((id) => [refundWorkflowId(id), id]));
      const list = [...ids.keys()].map((id) => `'${id}'`).join(', ');
      const found = new Set<string>();
      if (ids.size === 0) return found;
      const query = `WorkflowType = '${REFUND_WORKFLOW}' AND ExecutionStatus = 'Running' AND WorkflowId IN (${list})`;
      for await (const { workflowId } of client.workflow.list({ query }))
        found.add(ids.get(workflowId) ?? '');
      // The index is a second behind: a workflow that it lacks may have started.
      for (const [workflowId, paymentId] of ids)
        if (!found.has(paymentId) && (await describe(workflowId))?.status.name === 'RUNNING')
          found.add(paymentId);
      return found;
    },

    async one(bookingId) {
      const execution = await describe(bookingWorkflowId(bookingId));
      if (execution === undefined) return undefined;
      const standing = toStanding(execution);
      if (standing.bookingStatus !== 'booked') return standing;
      const cancellation = await describe(cancellationWorkflowId(bookingId));
      const says = cancellation?.typedSearchAttributes.get(BookingStatusAttribute);
      return says === 'cancelled' ? superseded(standing) : standing;
    },
  };
}

/**
 * Returns the standing of a booking that was cancelled after its workflow had completed as booked.
 */
function superseded(standing: WorkflowStanding): WorkflowStanding {
  return { ...standing, bookingStatus: 'cancelled' };
}

const STATES: Partial<Record<string, WorkflowStanding['state']>> = {
  RUNNING: 'running',
  COMPLETED: 'completed',
};

function toStanding(execution: {
  workflowId: string;
  status: { name: string };
  typedSearchAttributes: { get(key: typeof BookingStatusAttribute): string | undefined };
  startTime: Date;
}): WorkflowStanding {
  return {
    bookingId: execution.workflowId.slice(ID_PREFIX.length),
    state: STATES[execution.status.name] ?? 'ended',
    bookingStatus: execution.typedSearchAttributes.get(BookingStatusAttribute),
    startedAt: execution.startTime,
  };
}
