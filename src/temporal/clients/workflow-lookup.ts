import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { WorkflowStanding } from '../../domain/broken-rule';
import { BOOKING_WORKFLOW, bookingWorkflowId } from '../contracts/booking';
import { CANCELLATION_WORKFLOW, cancellationWorkflowId } from '../contracts/cancellation';
import { REFUND_WORKFLOW, refundWorkflowId } from '../contracts/refund';
import { BookingStatusAttribute, DepartureTimeAttribute } from '../contracts/search-attributes';

/** Looks up booking workflows. Reconciliation and audit ask Temporal nothing else. */
export interface WorkflowLookup {
  /**
   * Every booking workflow that is running, from Temporal's search index: a second behind. Those of
   * sold bookings run until departure, so there may be very many.
   */
  running(): AsyncIterable<WorkflowStanding>;
  /** Of these, all whose booking is neither sold nor cancelled, as their pages say. */
  undecided(): AsyncIterable<WorkflowStanding>;
  /**
   * Of these, all that should end soon: the flight of a sold booking left before `at`, or the
   * booking is cancelled.
   */
  nearTheirEnd(at: Date): AsyncIterable<WorkflowStanding>;
  /** The bookings that are sold, and whose workflow is running, from the same index. */
  sold(): AsyncIterable<string>;
  /** Every run of a sold booking that was terminated, or failed, since then. */
  lost(since: Date): AsyncIterable<WorkflowStanding>;
  /**
   * Every booking workflow that ended since then, or of all that Temporal keeps; from the same
   * index. A cancellation after the sale is a standing of its own, beside the one of the sale.
   */
  closed(since?: Date): AsyncIterable<WorkflowStanding>;
  /**
   * One workflow as it is now; undefined when Temporal has none, or has dropped it after its
   * retention.
   */
  one(bookingId: string): Promise<WorkflowStanding | undefined>;
  /** The payments whose refund workflow is running, from the same index. */
  refunding(): AsyncIterable<string>;
  /**
   * Whether a payment's refund workflow is running at this moment, even if it waits for an
   * operator.
   */
  isRefunding(paymentId: string): Promise<boolean>;
}

/** Temporal's maximum. */
const LISTED_AT_ONCE = 1_000;

const STATUS = BookingStatusAttribute.name;

/** Every end but completion, and a new run that follows at once. */
const ENDED_OTHERWISE = "'Terminated', 'Failed', 'Canceled', 'TimedOut'";

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

  function list(query: string) {
    return client.workflow.list({ query, pageSize: LISTED_AT_ONCE });
  }

  async function* standings(which: string): AsyncGenerator<WorkflowStanding> {
    const query = `WorkflowType = '${BOOKING_WORKFLOW}' AND ${which}`;
    for await (const execution of list(query)) yield toStanding(execution);
  }

  return {
    async *running() {
      yield* standings("ExecutionStatus = 'Running'");
    },

    async *undecided() {
      yield* standings(
        `ExecutionStatus = 'Running' AND (${STATUS} IS NULL OR ${STATUS} IN ('initiated', 'pending'))`,
      );
    },

    async *nearTheirEnd(at) {
      const hasDeparted = `${STATUS} = 'booked' AND ${DepartureTimeAttribute.name} < '${at.toISOString()}'`;
      yield* standings(
        `ExecutionStatus = 'Running' AND (${STATUS} = 'cancelled' OR (${hasDeparted}))`,
      );
    },

    async *sold() {
      const query = `WorkflowType = '${BOOKING_WORKFLOW}' AND ExecutionStatus = 'Running' AND ${STATUS} = 'booked'`;
      const { namespace } = client.options;
      let nextPageToken: Uint8Array | undefined;
      do {
        // As the server has it: the client's list would decrypt the memo of each, and there may be
        // very many.
        const page = await client.workflowService.listWorkflowExecutions({
          namespace,
          query,
          pageSize: LISTED_AT_ONCE,
          ...(nextPageToken === undefined ? {} : { nextPageToken }),
        });
        for (const { execution } of page.executions)
          yield (execution?.workflowId ?? '').slice(ID_PREFIX.length);
        nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
      } while (nextPageToken !== undefined);
    },

    async *lost(since) {
      yield* standings(
        `${STATUS} = 'booked' AND ExecutionStatus IN (${ENDED_OTHERWISE}) AND CloseTime >= '${since.toISOString()}'`,
      );
    },

    async *closed(since) {
      const from = since === undefined ? '' : ` AND CloseTime >= '${since.toISOString()}'`;
      const ended = `ExecutionStatus != 'Running'${from}`;
      yield* standings(ended);
      const query = `WorkflowType = '${CANCELLATION_WORKFLOW}' AND ${ended}`;
      const prefix = cancellationWorkflowId('').length;
      for await (const execution of list(query))
        yield { ...toStanding(execution), bookingId: execution.workflowId.slice(prefix) };
    },

    async *refunding() {
      const query = `WorkflowType = '${REFUND_WORKFLOW}' AND ExecutionStatus = 'Running'`;
      const prefix = refundWorkflowId('').length;
      for await (const { workflowId } of list(query)) yield workflowId.slice(prefix);
    },

    async isRefunding(paymentId) {
      return (await describe(refundWorkflowId(paymentId)))?.status.name === 'RUNNING';
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
