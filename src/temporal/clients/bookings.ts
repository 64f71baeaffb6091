import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { TypedSearchAttributes, UpdateDefinition } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import { completed } from '../../domain/abridged';
import type { FareConditions } from '../../domain/fare';
import type { AmendmentResult } from '../contracts/amendment';
import {
  beginAnew,
  BEGIN_ANEW_UPDATE_ID,
  changeBooking,
  changeUpdateId,
  type ChangeRequest,
  type ChangeResult,
} from '../contracts/change';
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
} from '../contracts/booking';
import { scheduleChanged } from '../contracts/schedule-change';
import type { OperatorText } from '../operator-texts/operator-text';
import { executeUpdate, type UpdateOutcome } from './execute-update';
import { updateAfresh, updateUntilRefusedAnew } from './fresh-outcome';
import { reach } from './reach';
import { Refused } from './refused';
import { fairnessOf } from './fairness';
import { restoredHold, restoredRun, type SoldBooking } from './restoration';
import { Unavailable } from './unavailable';

/**
 * Time after which a workflow task is given to another worker, because its worker has died. Short
 * enough for a deadline that the worker was about to keep. A live worker reports in time that it
 * needs longer.
 */
export const WORKFLOW_TASK_TIMEOUT = '3s';

/**
 * Timeout, in milliseconds, of a check that runs beside a database read; Temporal needs a few
 * milliseconds for one.
 */
const LOOK_MS = 500;

export interface BookingStart {
  request: BookingRequest;
  memo: BookingMemo;
  searchAttributes: TypedSearchAttributes;
  text: OperatorText;
}

export type BookingWorkflows = ReturnType<typeof createBookingWorkflows>;

/**
 * Starts booking workflows and sends them messages. Retries are safe, since every ID derives from
 * the request's own.
 */
export function createBookingWorkflows(client: Client, taskQueue: string) {
  function handleOf(bookingId: string) {
    return client.workflow.getHandle<BookingWorkflow>(bookingWorkflowId(bookingId));
  }

  /** Usable for one attempt only: the SDK accepts each such operation once. */
  function startOfBooking(
    start: BookingStart,
    startedBy: string,
  ): WithStartWorkflowOperation<BookingWorkflow> {
    return new WithStartWorkflowOperation(BOOKING_WORKFLOW, {
      workflowId: bookingWorkflowId(start.request.bookingId),
      taskQueue,
      args: [{ ...start.request, startedBy }],
      // By itself, too: a page shows each field of the memo on a line of its own.
      memo: { reference: start.memo.booking.reference, ...start.memo },
      typedSearchAttributes: start.searchAttributes,
      ...start.text,
      priority: fairnessOf(start.memo.booking),
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowIdConflictPolicy: 'USE_EXISTING',
      // A run that failed has sold nothing. After a terminated run, the database tells whether
      // seats are held.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    });
  }

  /** Of a sold booking: the database has its state, so a run may come after any other. */
  function restorationOf(booking: Booking, sale: SoldBooking) {
    return {
      workflowId: bookingWorkflowId(booking.id),
      taskQueue,
      ...restoredRun(booking, sale),
      workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    } as const;
  }

  return {
    /**
     * Starts the booking's workflow, unless it exists, and waits for its seats: one round trip. A
     * refusal that binds no key is never that of an earlier request: the workflow is started again
     * instead.
     */
    async reserve(
      start: BookingStart,
      { withinMs }: { withinMs: number },
    ): Promise<UpdateOutcome<ReservationResult>> {
      const update = await updateAfresh(
        ({ startedBy, updateIdSuffix }) =>
          executeUpdate(
            client,
            () =>
              client.workflow.executeUpdateWithStart(awaitReservation, {
                updateId: `${RESERVATION_UPDATE_ID}${updateIdSuffix}`,
                startWorkflowOperation: startOfBooking(start, startedBy),
              }),
            withinMs,
          ),
        { isShared: true },
      );
      return update.kind === 'completed' ? { ...update, result: whole(update.result) } : update;
    },

    async pay(bookingId: string, payment: PaymentRequest): Promise<UpdateOutcome<PaymentResult>> {
      return updateUntilRefusedAnew(paymentUpdateId(payment.paymentId), (updateId) =>
        executeUpdate(client, () =>
          handleOf(bookingId).executeUpdate(makePayment, { args: [payment], updateId }),
        ),
      );
    },

    /**
     * Cancels a booking that is paid for, and starts its workflow again if none is running: one
     * round trip. A refusal is never that of an earlier request, since each has an update ID of its
     * own. Of several requests one has an effect.
     *
     * @throws Refused when the workflow refuses.
     */
    async cancelSold(
      { booking, sale }: { booking: Booking; sale: SoldBooking },
      cancellation: CancellationRequest,
      { updateId, withinMs }: { updateId: string; withinMs: number },
    ): Promise<UpdateOutcome<Booking>> {
      return executeUpdate(
        client,
        () =>
          client.workflow.executeUpdateWithStart(cancelBooking, {
            args: [cancellation],
            updateId,
            startWorkflowOperation: new WithStartWorkflowOperation<BookingWorkflow>(
              BOOKING_WORKFLOW,
              restorationOf(booking, sale),
            ),
          }),
        withinMs,
      );
    },

    /**
     * Changes a booking that is paid for, and starts its workflow again if none is running: one
     * round trip. The update's ID derives from the key, so that every try waits for one change.
     *
     * @throws Refused when the workflow refuses.
     */
    async change(
      { booking, sale }: { booking: Booking; sale: SoldBooking },
      change: ChangeRequest,
    ): Promise<UpdateOutcome<ChangeResult>> {
      return updateUntilRefusedAnew(changeUpdateId(change.changeId), (updateId) =>
        executeUpdate(client, () =>
          client.workflow.executeUpdateWithStart(changeBooking, {
            args: [change],
            updateId,
            startWorkflowOperation: new WithStartWorkflowOperation<BookingWorkflow>(
              BOOKING_WORKFLOW,
              restorationOf(booking, sale),
            ),
          }),
        ),
      );
    },

    /**
     * Corrects a name or moves passengers, by one of the updates of amendments. The workflow of a
     * sold booking is started again if none is running.
     *
     * @throws Refused when the workflow refuses.
     */
    async amend<Request>(
      { booking, sale }: { booking: Booking; sale: SoldBooking | undefined },
      update: UpdateDefinition<AmendmentResult, [Request]>,
      { request, updateId: firstId }: { request: Request; updateId: string },
    ): Promise<UpdateOutcome<AmendmentResult>> {
      const args: [Request] = [request];
      return updateUntilRefusedAnew(firstId, (updateId) =>
        executeUpdate(client, () =>
          sale === undefined
            ? handleOf(booking.id).executeUpdate(update, { args, updateId })
            : client.workflow.executeUpdateWithStart(update, {
                args,
                updateId,
                startWorkflowOperation: new WithStartWorkflowOperation<BookingWorkflow>(
                  BOOKING_WORKFLOW,
                  restorationOf(booking, sale),
                ),
              }),
        ),
      );
    },

    /**
     * Tells a sold booking that the airline has changed a flight of it, and starts its workflow
     * again if none is running. Safe to repeat.
     */
    async tellSold(
      { booking, sale }: { booking: Booking; sale: SoldBooking },
      scheduleChangeId: string,
    ): Promise<void> {
      await client.workflow.signalWithStart<BookingWorkflow, [{ scheduleChangeId: string }]>(
        BOOKING_WORKFLOW,
        {
          ...restorationOf(booking, sale),
          signal: scheduleChanged,
          signalArgs: [{ scheduleChangeId }],
        },
      );
    },

    /** Tells a booking that is not paid for, likewise. Returns false when it has no workflow. */
    async tellUnpaid(bookingId: string, scheduleChangeId: string): Promise<boolean> {
      try {
        await handleOf(bookingId).signal(scheduleChanged, { scheduleChangeId });
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    /** Starts the workflow of a sold booking again, unless it is running. */
    async restore(booking: Booking, sale: SoldBooking): Promise<void> {
      await client.workflow.start<BookingWorkflow>(BOOKING_WORKFLOW, restorationOf(booking, sale));
    },

    /**
     * Has the workflow of a sold booking begin anew from the database, unless it is making a change
     * or undoing one. Returns whether it does. Safe to repeat: a refusal leaves no event behind.
     *
     * @throws Error when its workflow does not respond in time.
     */
    async beginAnew(bookingId: string): Promise<boolean> {
      const update = { updateId: BEGIN_ANEW_UPDATE_ID };
      try {
        const { kind } = await executeUpdate(client, () =>
          handleOf(bookingId).executeUpdate(beginAnew, update),
        );
        if (kind === 'no_result') throw new Error('The workflow does not respond.');
        return kind === 'completed';
      } catch (error) {
        if (error instanceof Refused && error.code === 'change_in_progress') return false;
        throw error;
      }
    },

    /**
     * Starts the workflow of a booking whose seats are held again, unless it is running. Temporal
     * must know nothing of it: one that was terminated is left to the release of its hold.
     */
    async restoreHold(
      booking: Booking,
      hold: { customerId: string; conditions: FareConditions },
    ): Promise<void> {
      await client.workflow.start<BookingWorkflow>(BOOKING_WORKFLOW, {
        workflowId: bookingWorkflowId(booking.id),
        taskQueue,
        ...restoredHold(booking, hold),
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      });
    },

    /**
     * Requests the cancellation of a booking's workflow, as Temporal's own Cancel does. A booking
     * that is cancelled already stays as it is, and its workflow finds that.
     */
    async requestCancellation(bookingId: string): Promise<void> {
      try {
        await handleOf(bookingId).cancel();
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },

    /**
     * Cancels a booking that is unpaid; or lets its running workflow know that it is cancelled in the
     * database, by an update of its own. A workflow that knows it returns that at once.
     *
     * @throws Refused when the workflow refuses.
     */
    async cancel(
      bookingId: string,
      cancellation: CancellationRequest,
      {
        updateId = `cancellation-by-${cancellation.asOperator ? 'operator' : 'customer'}`,
        withinMs,
      }: { updateId?: string; withinMs?: number } = {},
    ): Promise<UpdateOutcome<Booking>> {
      return executeUpdate(
        client,
        () => handleOf(bookingId).executeUpdate(cancelBooking, { args: [cancellation], updateId }),
        withinMs,
      );
    },

    /**
     * Whether a booking's workflow is running. Returns true while Temporal is unavailable, since
     * its response would come too late to wait for.
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
     * Returns the memo of a running workflow, which is there before any worker has run it;
     * undefined when no workflow is running.
     */
    async describe(bookingId: string): Promise<BookingMemo | undefined> {
      try {
        const description = await reach(client, () => handleOf(bookingId).describe());
        if (description.status.name !== 'RUNNING') return undefined;
        const memo = description.memo as Partial<BookingMemo> | undefined;
        // A run that was restored after the sale has none of it: the database has the booking.
        if (memo?.booking === undefined) return undefined;
        return { ...(memo as BookingMemo), booking: completed(memo.booking) };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },
  };
}

/** Returns the reservation with the booking as its owner sees it. */
function whole(reservation: ReservationResult): ReservationResult {
  if (reservation.outcome !== 'held' || reservation.isAbridged !== true) return reservation;
  const { isAbridged: _, ...held } = reservation;
  return { ...held, booking: completed(held.booking) };
}
