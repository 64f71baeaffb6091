import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { BOOKING_WORKFLOW, bookingWorkflowId } from './contracts';
import { BookingStatusAttribute } from './search-attributes';

/** How a booking's workflow stands, as Temporal knows it. */
export interface WorkflowStanding {
  bookingId: string;
  /** `ended` is every end that the workflow didn't come to by itself: terminated, failed, timed out. */
  state: 'running' | 'completed' | 'ended';
  /** The search attribute `BookingStatus`: what the workflow last said of the booking. */
  bookingStatus: string | undefined;
  startedAt: Date;
}

/** Tells how booking workflows stand; the only questions that reconciliation and audit ask of Temporal. */
export interface WorkflowLookup {
  /** Every booking workflow that Temporal still keeps, as its search index has it: a second or so behind. */
  all(): AsyncIterable<WorkflowStanding>;
  /** One of them, as it is at this moment; undefined when Temporal has none, or has dropped it after its retention. */
  one(bookingId: string): Promise<WorkflowStanding | undefined>;
}

const ID_PREFIX = bookingWorkflowId('');

export function createWorkflowLookup(client: Client): WorkflowLookup {
  return {
    async *all() {
      const query = `WorkflowType = '${BOOKING_WORKFLOW}'`;
      for await (const execution of client.workflow.list({ query })) yield toStanding(execution);
    },

    async one(bookingId) {
      try {
        return toStanding(await client.workflow.getHandle(bookingWorkflowId(bookingId)).describe());
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },
  };
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
