import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { Booking } from '../../domain/booking';
import { BOOKING_WORKFLOW, bookingWorkflowId, type BookingWorkflow } from '../contracts/booking';
import { flightNumberAttributes } from '../contracts/flight-numbers';
import { scheduleChangeText } from '../operator-texts/schedule-changes';
import {
  acceptScheduleChange,
  awaitScheduleChange,
  SCHEDULE_CHANGE_WORKFLOW,
  scheduleChangeWorkflowId,
  type ScheduleChangeAcceptance,
  type ScheduleChangeOrder,
  type ScheduleChangeState,
  type ScheduleChangeWorkflow,
} from '../contracts/schedule-change';
import { ScheduleChangeIdAttribute } from '../contracts/search-attributes';
import { WORKFLOW_TASK_TIMEOUT } from './bookings';
import { executeUpdate, type UpdateOutcome } from './execute-update';
import { reach } from './reach';
import { restoredRun, type SoldBooking } from './restoration';

export type ScheduleChangeWorkflows = ReturnType<typeof createScheduleChangeWorkflows>;

/** Starts schedule changes, and accepts them for bookings. Retries are safe. */
export function createScheduleChangeWorkflows(client: Client, taskQueue: string) {
  return {
    /**
     * Starts a schedule change that is not on record, unless it is running, and waits until the
     * flight is changed. The bookings are told afterwards. A refusal is never that of an earlier
     * request.
     *
     * Safe to repeat: one that was applied meanwhile stays as it is, and each of its bookings is told
     * once more at the worst.
     *
     * @throws Refused with the workflow's refusal: nothing has changed.
     */
    async change(
      order: ScheduleChangeOrder,
      flightNumber?: string,
    ): Promise<UpdateOutcome<ScheduleChangeState>> {
      const updateId = `schedule-change-${randomUUID()}`;
      return executeUpdate(client, () =>
        client.workflow.executeUpdateWithStart(awaitScheduleChange, {
          updateId,
          startWorkflowOperation: new WithStartWorkflowOperation<ScheduleChangeWorkflow>(
            SCHEDULE_CHANGE_WORKFLOW,
            {
              workflowId: scheduleChangeWorkflowId(order.scheduleChangeId),
              taskQueue,
              args: [order],
              workflowIdConflictPolicy: 'USE_EXISTING',
              // It is not on record: it was refused, or a restore of the database has lost it.
              workflowIdReusePolicy: 'ALLOW_DUPLICATE',
              typedSearchAttributes: new TypedSearchAttributes([
                { key: ScheduleChangeIdAttribute, value: order.scheduleChangeId },
                ...flightNumberAttributes(flightNumber === undefined ? [] : [flightNumber]),
              ]),
              ...scheduleChangeText(order, flightNumber),
              memo: { fingerprint: order.fingerprint },
            },
          ),
        }),
      );
    },

    /**
     * Returns what is known of a schedule change whose workflow is running, or has ended well: the
     * fingerprint of its order, which an API of an earlier release has not noted there.
     */
    async describe(scheduleChangeId: string): Promise<{ fingerprint?: string } | undefined> {
      const handle = client.workflow.getHandle(scheduleChangeWorkflowId(scheduleChangeId));
      try {
        const { status, memo } = await reach(client, () => handle.describe());
        return status.name === 'RUNNING' || status.name === 'COMPLETED' ? (memo ?? {}) : undefined;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

    /**
     * Accepts the new times of a sold booking, and starts its workflow again if none is running.
     *
     * @throws Refused when the workflow refuses.
     */
    async accept(
      { booking, sale }: { booking: Booking; sale: SoldBooking },
      acceptance: ScheduleChangeAcceptance,
    ): Promise<UpdateOutcome<Booking>> {
      const updateId = `acceptance-${randomUUID()}`;
      return executeUpdate(client, () =>
        client.workflow.executeUpdateWithStart(acceptScheduleChange, {
          args: [acceptance],
          updateId,
          startWorkflowOperation: new WithStartWorkflowOperation<BookingWorkflow>(
            BOOKING_WORKFLOW,
            {
              workflowId: bookingWorkflowId(booking.id),
              taskQueue,
              ...restoredRun(booking, sale),
              workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT,
              workflowIdConflictPolicy: 'USE_EXISTING',
              workflowIdReusePolicy: 'ALLOW_DUPLICATE',
            },
          ),
        }),
      );
    },
  };
}
