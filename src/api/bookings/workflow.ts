import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure, type TypedSearchAttributes } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import {
  awaitReservation,
  BOOKING_WORKFLOW,
  bookingWorkflowId,
  cancelBooking,
  makePayment,
  paymentUpdateId,
  RESERVATION_UPDATE_ID,
  type BookingMemo,
  type BookingRequest,
  type BookingWorkflow,
  type CancellationRequest,
  type PaymentRequest,
  type PaymentResult,
  type ReservationResult,
} from '../../temporal/contracts';
import {
  awaitCancellation,
  CANCELLATION_UPDATE_ID,
  CANCELLATION_WORKFLOW,
  cancellationWorkflowId,
  type CancellationResult,
  type CancellationWorkflow,
  type SaleCancellation,
} from '../../temporal/refund-contracts';
import { isOutOfReach, reach, withPatience } from '../patience';
import { isProblemCode, Problem } from '../problem';

/** How long a client is kept waiting for an answer of a workflow, in milliseconds, before it is told that the work goes on. */
const PATIENCE_MS = 10_000;

/**
 * A worker that died with a task in hand is given up on after this long: short enough for a deadline that it was just about to keep. A live one says
 * in time that it needs longer.
 */
const WORKFLOW_TASK_TIMEOUT = '3s';

/** What came of asking a workflow: its answer; or none in time; or that it has ended, so that only the database can tell. */
export type Answer<T> =
  { kind: 'answered'; result: T } | { kind: 'no_answer' } | { kind: 'closed' };

export interface BookingStart {
  request: BookingRequest;
  memo: BookingMemo;
  searchAttributes: TypedSearchAttributes;
  summary: string;
  details: string;
}

export interface SaleCancellationStart {
  request: SaleCancellation;
  searchAttributes: TypedSearchAttributes;
  summary: string;
}

export type BookingWorkflows = ReturnType<typeof createBookingWorkflows>;

/** Starts booking workflows and talks to them; retries are safe, since every ID derives from the request's own. */
export function createBookingWorkflows(client: Client, taskQueue: string) {
  /** Waits so long and no longer; tells the ways of getting no answer apart. */
  async function ask<T>(question: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<Answer<T>> {
    const askedAt = Date.now();
    try {
      return { kind: 'answered', result: await withPatience(client, patienceMs, question) };
    } catch (error) {
      const leftMs = patienceMs - (Date.now() - askedAt);
      // It is as if the question had never been asked.
      if (wasNotLookedAt(error) && leftMs > 0) return ask(question, leftMs);
      return explain(error);
    }
  }

  function handleOf(bookingId: string) {
    return client.workflow.getHandle<BookingWorkflow>(bookingWorkflowId(bookingId));
  }

  return {
    /** Starts the booking's workflow, unless it is there, and waits for its seats: one round trip. */
    async reserve(start: BookingStart): Promise<Answer<ReservationResult>> {
      const startWorkflowOperation = new WithStartWorkflowOperation<BookingWorkflow>(
        BOOKING_WORKFLOW,
        {
          workflowId: bookingWorkflowId(start.request.bookingId),
          taskQueue,
          args: [start.request],
          memo: { ...start.memo },
          typedSearchAttributes: start.searchAttributes,
          staticSummary: start.summary,
          staticDetails: start.details,
          workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        },
      );
      return ask(() =>
        client.workflow.executeUpdateWithStart(awaitReservation, {
          updateId: RESERVATION_UPDATE_ID,
          startWorkflowOperation,
        }),
      );
    },

    async pay(bookingId: string, payment: PaymentRequest): Promise<Answer<PaymentResult>> {
      return ask(() =>
        handleOf(bookingId).executeUpdate(makePayment, {
          args: [payment],
          updateId: paymentUpdateId(payment.paymentId),
        }),
      );
    },

    /** Starts undoing a sale, unless that has begun, and waits until its seats are free: one round trip. */
    async cancelSale({
      request,
      searchAttributes,
      summary,
    }: SaleCancellationStart): Promise<Answer<CancellationResult>> {
      const startWorkflowOperation = new WithStartWorkflowOperation<CancellationWorkflow>(
        CANCELLATION_WORKFLOW,
        {
          workflowId: cancellationWorkflowId(request.bookingId),
          taskQueue,
          args: [request],
          typedSearchAttributes: searchAttributes,
          staticSummary: summary,
          workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
          workflowIdConflictPolicy: 'USE_EXISTING',
          // One that an operator terminated may have done nothing yet.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        },
      );
      return ask(() =>
        client.workflow.executeUpdateWithStart(awaitCancellation, {
          updateId: CANCELLATION_UPDATE_ID,
          startWorkflowOperation,
        }),
      );
    },

    /** Cancels a booking that is unpaid. */
    async cancel(bookingId: string, cancellation: CancellationRequest): Promise<Answer<Booking>> {
      return ask(() =>
        handleOf(bookingId).executeUpdate(cancelBooking, {
          args: [cancellation],
          updateId: `cancellation-by-${cancellation.asOperator ? 'operator' : 'customer'}`,
        }),
      );
    },

    /** What a running workflow says of itself before any worker has seen it; undefined when there is none. */
    async describe(bookingId: string): Promise<BookingMemo | undefined> {
      try {
        const description = await reach(client, () => handleOf(bookingId).describe());
        if (description.status.name !== 'RUNNING') return undefined;
        return description.memo as BookingMemo | undefined;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },
  };
}

/** A workflow that ends with an update unanswered fails it with this. */
const ENDED_MEANWHILE = 'AcceptedUpdateCompletedWorkflow';

/**
 * Whether an update came to a workflow task that was not for it: the workflow's last one, or that of a worker which died. The server answers for
 * the worker then, with this type, and keeps nothing of the update.
 */
function wasNotLookedAt(error: unknown): boolean {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'UnprocessedUpdate';
}

function explain(error: unknown): { kind: 'no_answer' } | { kind: 'closed' } {
  if (error instanceof WorkflowUpdateFailedError && !wasNotLookedAt(error)) {
    const { cause } = error;
    if (cause instanceof ApplicationFailure) {
      if (cause.type === ENDED_MEANWHILE) return { kind: 'closed' };
      if (isProblemCode(cause.type)) throw new Problem(cause.type, cause.message);
    }
    throw error;
  }
  if (
    error instanceof WorkflowNotFoundError ||
    error instanceof WorkflowExecutionAlreadyStartedError
  ) {
    return { kind: 'closed' };
  }
  if (
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
    wasNotLookedAt(error) ||
    isOutOfReach(error)
  ) {
    return { kind: 'no_answer' };
  }
  throw error;
}
