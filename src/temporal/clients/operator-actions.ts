import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { bookingWorkflowId, retryPayment, type BookingState } from '../contracts';
import type { RefundSubject } from '../operator-texts/money';
import { createPaymentWorkflows } from '../payment-workflows';
import {
  refundState,
  refundWorkflowId,
  retryRefund,
  settleRefund,
  type RefundState,
  type RefundWorkflow,
  type Settlement,
} from '../refund-contracts';
import { messageIdOf, type Retry, type SignedRetry } from '../retries';
import { executeUpdate, type UpdateOutcome } from './execute-update';

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
   * `pending` if it takes its time.
   */
  async function start(refund: OpenRefundRef, retry?: SignedRetry): Promise<RefundState> {
    const { paymentId, refundId, subject } = refund;
    await createPaymentWorkflows(client, taskQueue).startRefund(paymentId, {
      ...(retry === undefined ? {} : { retry }),
      ...(refundId === null ? {} : { refundId }),
      subject,
    });
    const giveUpAt = Date.now() + PROVIDER_TIMEOUT_MS;
    for (;;) {
      const state = await handleOf(refund).query(refundState);
      if (state.status !== 'pending' || Date.now() > giveUpAt) return state;
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
      return { kind: 'completed', result: await start(refund, { ...retry, messageId }) };
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
      await start(refund);
      return executeUpdate(client, update);
    },
  };
}
