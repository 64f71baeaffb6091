import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { bookingWorkflowId, retryPayment, type BookingState } from '../contracts/booking';
import type { RefundSubject } from '../operator-texts/money';
import { createPaymentWorkflows } from './payment-workflows';
import {
  refundState,
  refundWorkflowId,
  retryRefund,
  settleRefund,
  type RefundState,
  type RefundWorkflow,
  type Settlement,
} from '../contracts/refund';
import { messageIdOf, type Retry, type SignedRetry } from '../contracts/retries';
import { executeUpdate, RESULT_WITHIN_MS, type UpdateOutcome } from './execute-update';
import { isOutOfReach, reach, withTimeout } from './reach';

/** A refund that is open. */
export interface OpenRefundRef {
  paymentId: string;
  /** If it belongs to a change. */
  refundId: string | null;
  /** What operators are told of it. */
  subject: RefundSubject | undefined;
}

/** How long the provider is waited for once a refund is started again; a working one is faster. */
const PROVIDER_TIMEOUT_MS = 5_000;

/** Pause between two looks at a refund, in milliseconds. */
const PAUSE_MS = 50;

export type OperatorActions = ReturnType<typeof createOperatorActions>;

/**
 * What operators have workflows do beside cancelling. Each names who asks, and why; workflows record
 * both before they act.
 *
 * A retry sends a new message: to ask a provider again is safe, and a refund is settled once.
 */
export function createOperatorActions(client: Client, taskQueue: string) {
  const handleOf = ({ paymentId, refundId }: OpenRefundRef) =>
    client.workflow.getHandle<RefundWorkflow>(refundWorkflowId(refundId ?? paymentId));

  /**
   * Starts the workflow of a refund, and returns its state once the provider has responded:
   * `pending` if it takes its time. Undefined when no worker says how it stands in time: the
   * workflow goes on once there is one.
   *
   * @throws Unavailable when Temporal is unavailable: the caller may try again.
   */
  async function start(
    refund: OpenRefundRef,
    retry?: SignedRetry,
  ): Promise<RefundState | undefined> {
    const { paymentId, refundId, subject } = refund;
    const workflows = createPaymentWorkflows(client, taskQueue);
    await reach(client, () =>
      workflows.startRefund(paymentId, {
        ...(retry === undefined ? {} : { retry }),
        ...(refundId === null ? {} : { refundId }),
        subject,
      }),
    );
    const giveUpAt = Date.now() + PROVIDER_TIMEOUT_MS;
    let state: RefundState | undefined;
    for (;;) {
      const leftMs = giveUpAt - Date.now();
      if (leftMs <= 0) return state;
      try {
        state = await withTimeout(client, leftMs, () => handleOf(refund).query(refundState));
      } catch (error) {
        // A query needs a worker.
        if (isOutOfReach(error)) return state;
        throw error;
      }
      if (state.status !== 'pending') return state;
      await wait(PAUSE_MS);
    }
  }

  return {
    /**
     * Has the provider asked again now about the card payment of a booking. `closed`: its workflow
     * has ended.
     *
     * @throws Refused when no card payment is being made.
     */
    async retryPayment(bookingId: string, retry: Retry): Promise<UpdateOutcome<BookingState>> {
      const handle = client.workflow.getHandle(bookingWorkflowId(bookingId));
      const options = { args: [retry] as [Retry], updateId: `retry-${randomUUID()}` };
      return executeUpdate(client, () => handle.executeUpdate(retryPayment, options));
    },

    /**
     * Has the provider asked again now for a refund. Starts its workflow if none is running. The
     * refund is `pending` while the provider takes its time.
     *
     * @throws Refused while the provider is being asked.
     */
    async retryRefund(refund: OpenRefundRef, retry: Retry): Promise<UpdateOutcome<RefundState>> {
      const handle = handleOf(refund);
      const updateId = `retry-${randomUUID()}`;
      const options = { args: [retry] as [Retry], updateId };
      const outcome = await executeUpdate(client, () => handle.executeUpdate(retryRefund, options));
      if (outcome.kind !== 'closed') return outcome;
      const messageId = messageIdOf(handle.workflowId, updateId);
      const result = await start(refund, { ...retry, messageId });
      return result === undefined ? { kind: 'no_result' } : { kind: 'completed', result };
    },

    /**
     * Closes a refund whose money was returned by hand. Starts its workflow if none is running.
     *
     * @throws Refused while the provider is being asked.
     */
    async settleRefund(
      refund: OpenRefundRef,
      settlement: Settlement,
    ): Promise<UpdateOutcome<RefundState>> {
      const options = {
        args: [settlement] as [Settlement],
        updateId: `settlement-${randomUUID()}`,
      };
      const update = () => handleOf(refund).executeUpdate(settleRefund, options);
      const outcome = await executeUpdate(client, update);
      if (outcome.kind !== 'closed') return outcome;
      // Only some of many refunds of one booking have a workflow from the beginning.
      if ((await start(refund)) === undefined) return { kind: 'no_result' };
      return executeUpdate(client, update, RESULT_WITHIN_MS - PROVIDER_TIMEOUT_MS);
    },
  };
}
