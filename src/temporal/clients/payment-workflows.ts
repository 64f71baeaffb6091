import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { BookingStatus } from '../../domain/booking';
import {
  bookingWorkflowId,
  paymentReceived,
  paymentUpdated,
  type ExternalPayment,
} from '../contracts/booking';
import {
  PAYMENT_EVENTS_WORKFLOW,
  PAYMENT_EVENTS_WORKFLOW_ID,
  paymentEventAccepted,
  type PaymentEventsWorkflow,
} from '../contracts/external-payment';
import { externalPaymentId } from '../external-payment-id';
import { flightNumberAttributes } from '../contracts/flight-numbers';
import {
  PAYMENT_EVENTS_TEXT,
  providerEventText,
  refundText,
  subjectOf,
  type RefundSubject,
} from '../operator-texts/money';
import {
  PROVIDER_EVENT_WORKFLOW,
  providerEventWorkflowId,
  type ProviderEvent,
  type ProviderEventWorkflow,
} from '../contracts/provider-event';
import {
  REFUND_WORKFLOW,
  refundWorkflowId,
  type UnappliedReason,
  type RefundRequest,
  type RefundWorkflow,
} from '../contracts/refund';
import { BookingReferenceAttribute, RefundStatusAttribute } from '../contracts/search-attributes';

interface RefundStart extends Omit<RefundRequest, 'paymentId'> {
  subject?: RefundSubject | undefined;
}

export type PaymentWorkflows = ReturnType<typeof createPaymentWorkflows>;

/**
 * Starts refunds, and brings reported payments and providers' events to the workflows that they
 * concern.
 *
 * Every call is safe to repeat, also concurrently: workflow IDs derive from the refund, the payment
 * or the event, and captured money has one effect whichever way it comes.
 */
export function createPaymentWorkflows(client: Client, taskQueue: string) {
  /**
   * Starts a refund, unless it is running: the final one of a payment, or with `refundId` one of a
   * change. Give `unapplied` when the payment is not on record yet, and `retry` when an operator
   * starts it again. `subject` is what operators are told of the payment.
   */
  async function startRefund(
    paymentId: string,
    { subject, ...more }: RefundStart = {},
  ): Promise<void> {
    await client.workflow.start<RefundWorkflow>(REFUND_WORKFLOW, {
      workflowId: refundWorkflowId(more.refundId ?? paymentId),
      taskQueue,
      args: [{ paymentId, ...more }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      // A run after the last one finds again whether anything is still owed.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      ...refundText(paymentId, subject),
      typedSearchAttributes: new TypedSearchAttributes([
        { key: RefundStatusAttribute, value: 'pending' },
        ...(subject?.reference
          ? [{ key: BookingReferenceAttribute, value: subject.reference }]
          : []),
        ...flightNumberAttributes(subject?.flightNumbers ?? []),
      ]),
    });
  }

  /** Signals a payment to a booking's workflow. Returns false when none is running. */
  async function signal({ bookingId, ...received }: ExternalPayment): Promise<boolean> {
    try {
      const handle = client.workflow.getHandle(bookingWorkflowId(bookingId));
      await handle.signal(paymentReceived, received);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  return {
    startRefund,

    signal,

    /**
     * Announces accepted reports of payments to the workflow that handles them, and starts it if
     * necessary.
     */
    async announcePaymentEvents(): Promise<void> {
      await client.workflow.signalWithStart<PaymentEventsWorkflow>(PAYMENT_EVENTS_WORKFLOW, {
        workflowId: PAYMENT_EVENTS_WORKFLOW_ID,
        taskQueue,
        args: [],
        signal: paymentEventAccepted,
        signalArgs: [],
        ...PAYMENT_EVENTS_TEXT,
      });
    },

    /**
     * Reports to a booking that another service was paid for it. If its workflow has ended, or
     * never existed, the money is refunded. `findStatus` then gives the booking's status, undefined
     * for none.
     *
     * @throws when Temporal is unavailable; nothing is lost if the caller tries again.
     */
    async deliver(
      payment: ExternalPayment,
      findStatus: () => Promise<BookingStatus | undefined>,
    ): Promise<void> {
      if (await signal(payment)) return;
      const reason = UNAPPLIED_REASONS[(await findStatus()) ?? 'unknown'];
      await startRefund(externalPaymentId(payment), {
        unapplied: { payment, reason },
        subject: subjectOf({ payment, reason }),
      });
    },

    /**
     * Tells a booking that its provider has an event of the payment under way. Does nothing if its
     * workflow has ended.
     */
    async hint(bookingId: string): Promise<void> {
      try {
        await client.workflow.getHandle(bookingWorkflowId(bookingId)).signal(paymentUpdated);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },

    /**
     * Starts the handling of our payment provider's event, which then completes whatever crashes.
     */
    async accept(event: ProviderEvent): Promise<void> {
      try {
        await client.workflow.start<ProviderEventWorkflow>(PROVIDER_EVENT_WORKFLOW, {
          workflowId: providerEventWorkflowId(event),
          taskQueue,
          args: [event],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
          ...providerEventText(event),
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}

/**
 * Why money for a booking whose workflow has ended pays for nothing, by the booking's status in the
 * database.
 */
const UNAPPLIED_REASONS: Record<BookingStatus | 'unknown', UnappliedReason> = {
  unknown: 'unknown_booking',
  initiated: 'late',
  pending: 'late',
  booked: 'second_payment',
  cancelled: 'booking_cancelled',
};
