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

/** How a booking's workflow stands, as Temporal knows it. */
export interface WorkflowStanding {
  bookingId: string;
  /**
   * `ended` is every end that the workflow didn't come to by itself: terminated, failed, timed out.
   */
  state: 'running' | 'completed' | 'ended';
  /**
   * The search attribute `BookingStatus`: what was last said of the booking, by its workflow or by
   * the one that cancelled it later.
   */
  bookingStatus: string | undefined;
  startedAt: Date;
}

/**
 * Tells how booking workflows stand; the only questions that reconciliation and audit ask of
 * Temporal.
 */
export interface WorkflowLookup {
  /**
   * Every booking workflow that Temporal still keeps, as its search index has it: a second or so
   * behind.
   */
  all(): AsyncIterable<WorkflowStanding>;
  /**
   * One of them, as it is at this moment; undefined when Temporal has none, or has dropped it after
   * its retention.
   */
  one(bookingId: string): Promise<WorkflowStanding | undefined>;
  /**
   * Which of the payments have a workflow that is giving them back, or waits for a person, at this
   * moment.
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
      // The index is a second behind: one that it lacks may have begun.
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

/** A booking that was cancelled after its workflow had ended as booked. */
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
