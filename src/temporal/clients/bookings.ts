import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { TypedSearchAttributes } from '@temporalio/common';
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
} from '../contracts';
import type { OperatorText } from '../operator-texts/operator-text';
import {
  awaitCancellation,
  CANCELLATION_UPDATE_ID,
  CANCELLATION_WORKFLOW,
  cancellationWorkflowId,
  type CancellationResult,
  type CancellationWorkflow,
  type SaleCancellation,
} from '../refund-contracts';
import { executeUpdate, type UpdateOutcome } from './execute-update';
import { updateAfresh, updateUntilRefusedAnew } from './fresh-outcome';
import { reach } from './reach';
import { Unavailable } from './unavailable';

/**
 * A worker that died with a task in hand is given up on after this long: short enough for a
 * deadline that it was just about to keep. A live one says in time that it needs longer.
 */
const WORKFLOW_TASK_TIMEOUT = '3s';

/**
 * A look that a reader waits for beside the database; Temporal answers one in a few milliseconds.
 */
const LOOK_MS = 500;

export interface BookingStart {
  request: BookingRequest;
  memo: BookingMemo;
  searchAttributes: TypedSearchAttributes;
  text: OperatorText;
}

export interface SaleCancellationStart {
  request: SaleCancellation;
  searchAttributes: TypedSearchAttributes;
  text: OperatorText;
}

export type BookingWorkflows = ReturnType<typeof createBookingWorkflows>;

/**
 * Starts booking workflows and talks to them; retries are safe, since every ID derives from the
 * request's own.
 */
export function createBookingWorkflows(client: Client, taskQueue: string) {
  function handleOf(bookingId: string) {
    return client.workflow.getHandle<BookingWorkflow>(bookingWorkflowId(bookingId));
  }

  /** Good for one attempt: the SDK takes each such operation once. */
  function startOfBooking(
    start: BookingStart,
    startedBy: string,
  ): WithStartWorkflowOperation<BookingWorkflow> {
    return new WithStartWorkflowOperation(BOOKING_WORKFLOW, {
      workflowId: bookingWorkflowId(start.request.bookingId),
      taskQueue,
      args: [{ ...start.request, startedBy }],
      memo: { ...start.memo },
      typedSearchAttributes: start.searchAttributes,
      ...start.text,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowIdConflictPolicy: 'USE_EXISTING',
      // A run that failed has sold nothing. After one that was terminated, the database tells
      // whether seats are held.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    });
  }

  /** Good for one attempt, too. */
  function startOfCancellation(
    { request, searchAttributes, text }: SaleCancellationStart,
    startedBy: string,
  ): WithStartWorkflowOperation<CancellationWorkflow> {
    return new WithStartWorkflowOperation(CANCELLATION_WORKFLOW, {
      workflowId: cancellationWorkflowId(request.bookingId),
      taskQueue,
      args: [{ ...request, startedBy }],
      typedSearchAttributes: searchAttributes,
      ...text,
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowIdConflictPolicy: 'USE_EXISTING',
      // One that an operator terminated may have done nothing yet.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    });
  }

  return {
    /**
     * Starts the booking's workflow, unless it is there, and waits for its seats: one round trip. A
     * refusal that binds nothing is never an earlier request's: then the workflow is started again.
     */
    async reserve(start: BookingStart): Promise<UpdateOutcome<ReservationResult>> {
      return updateAfresh(
        ({ startedBy, updateIdSuffix }) =>
          executeUpdate(client, () =>
            client.workflow.executeUpdateWithStart(awaitReservation, {
              updateId: `${RESERVATION_UPDATE_ID}${updateIdSuffix}`,
              startWorkflowOperation: startOfBooking(start, startedBy),
            }),
          ),
        { isShared: true },
      );
    },

    async pay(bookingId: string, payment: PaymentRequest): Promise<UpdateOutcome<PaymentResult>> {
      return updateUntilRefusedAnew(paymentUpdateId(payment.paymentId), (updateId) =>
        executeUpdate(client, () =>
          handleOf(bookingId).executeUpdate(makePayment, { args: [payment], updateId }),
        ),
      );
    },

    /**
     * Starts undoing a sale, unless that has begun, and waits until its seats are free: one round
     * trip. A refusal is never an earlier request's.
     */
    async cancelSale(start: SaleCancellationStart): Promise<UpdateOutcome<CancellationResult>> {
      // Requests expect different refunds: each needs a decision of its own.
      return updateAfresh(
        ({ startedBy, updateIdSuffix }) =>
          executeUpdate(client, () =>
            client.workflow.executeUpdateWithStart(awaitCancellation, {
              updateId: `${CANCELLATION_UPDATE_ID}${updateIdSuffix}`,
              startWorkflowOperation: startOfCancellation(start, startedBy),
            }),
          ),
        { isShared: false },
      );
    },

    /** Cancels a booking that is unpaid. */
    async cancel(
      bookingId: string,
      cancellation: CancellationRequest,
    ): Promise<UpdateOutcome<Booking>> {
      return executeUpdate(client, () =>
        handleOf(bookingId).executeUpdate(cancelBooking, {
          args: [cancellation],
          updateId: `cancellation-by-${cancellation.asOperator ? 'operator' : 'customer'}`,
        }),
      );
    },

    /**
     * Whether a booking's workflow is there to take messages. While Temporal can't be asked, true:
     * its answer would come too late to be waited for.
     */
    async isRunning(bookingId: string): Promise<boolean> {
      try {
        const { status } = await reach(client, () => handleOf(bookingId).describe(), LOOK_MS);
        return status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        if (error instanceof Unavailable) return true;
        throw error;
      }
    },

    /**
     * What a running workflow says of itself before any worker has seen it; undefined when there is
     * none.
     */
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
