import { randomUUID } from 'node:crypto';
import { findPaymentOnRecord, findRefundSubject } from '../../db/payments/record-view';
import { executeUpdate } from '../../temporal/clients/execute-update';
import { createPaymentWorkflows } from '../../temporal/payment-workflows';
import {
  refundState,
  refundWorkflowId,
  retryRefund as askAgain,
  settleRefund as settle,
  type RefundState,
  type RefundWorkflow,
  type Settlement,
} from '../../temporal/refund-contracts';
import { messageIdOf, type Retry, type SignedRetry } from '../../temporal/retries';
import { CommandFailure } from '../failure';
import type { System } from '../systems';
import { waitUntil } from '../wait';

/**
 * Closes a refund that waits for an operator, who has returned the money by hand.
 *
 * @throws when the refund doesn't wait, or nothing is owed: settling twice would post the money
 * twice.
 */
export async function settleRefund(
  system: System,
  paymentId: string,
  settlement: Settlement,
): Promise<RefundState> {
  const refundId = await requireOpenRefund(system, paymentId);
  const { client } = system;
  const options = { args: [settlement] as [Settlement], updateId: `settlement-${randomUUID()}` };
  const update = () => handleOf(system, refundId ?? paymentId).executeUpdate(settle, options);
  let answer = await executeUpdate(client, update);
  if (answer.kind === 'closed') {
    // Only some of many refunds of one booking have a workflow from the beginning.
    await start(system, { paymentId, refundId });
    answer = await executeUpdate(client, update);
  }
  if (answer.kind === 'completed') return answer.result;
  throw new CommandFailure('The refund’s workflow does not respond: is a worker running?');
}

/**
 * Asks the provider again now about a refund. Starts a new workflow if none is running. Returns the
 * refund's state then.
 *
 * @throws when nothing is owed, or the provider is being asked already.
 */
export async function retryRefund(
  system: System,
  paymentId: string,
  retry: Retry,
): Promise<RefundState> {
  const refundId = await requireOpenRefund(system, paymentId);
  const handle = handleOf(system, refundId ?? paymentId);
  const updateId = `retry-${randomUUID()}`;
  const options = { args: [retry] as [Retry], updateId };
  const answer = await executeUpdate(system.client, () => handle.executeUpdate(askAgain, options));
  if (answer.kind === 'completed') return answer.result;
  const messageId = messageIdOf(refundWorkflowId(refundId ?? paymentId), updateId);
  if (answer.kind === 'closed')
    await start(system, { paymentId, refundId }, { ...retry, messageId });
  return handle.query(refundState);
}

/** A working provider responds sooner. */
const PROVIDER_TIMEOUT_MS = 10_000;

/** Starts the workflow of a refund, and waits until the provider has been asked. */
async function start(
  system: System,
  { paymentId, refundId }: { paymentId: string; refundId: string | null },
  retry?: SignedRetry,
): Promise<void> {
  await createPaymentWorkflows(system.client, system.taskQueue).startRefund(paymentId, {
    ...(retry === undefined ? {} : { retry }),
    ...(refundId === null ? {} : { refundId }),
    subject: await findRefundSubject(system.db, paymentId, refundId ?? undefined),
  });
  const handle = handleOf(system, refundId ?? paymentId);
  await waitUntil(async () => (await handle.query(refundState)).status !== 'pending', {
    timeoutMs: PROVIDER_TIMEOUT_MS,
    onTimeout: () =>
      new CommandFailure('The provider has not responded yet: it is asked again automatically.'),
  });
}

function handleOf({ client }: System, refundOrPaymentId: string) {
  return client.workflow.getHandle<RefundWorkflow>(refundWorkflowId(refundOrPaymentId));
}

/** Returns the ID of the refund that is open, if it belongs to a change. */
async function requireOpenRefund({ db }: System, paymentId: string): Promise<string | null> {
  const payment = await findPaymentOnRecord(db, paymentId);
  if (payment === undefined) throw new CommandFailure(`There is no payment ${paymentId}.`);
  if (payment.refund === null)
    throw new CommandFailure(`Nothing is owed of payment ${paymentId}: it is ${payment.status}.`);
  if (payment.refund.status === 'succeeded')
    throw new CommandFailure(`Payment ${paymentId} has been refunded already.`);
  return payment.refund.changeRefundId;
}

/** Describes the state of a refund. */
export function describeRefund({ paymentId, status, whyOperator }: RefundState): string {
  const why = whyOperator === null ? '' : ` (${whyOperator})`;
  return `The refund of payment ${paymentId}: ${status}${why}.`;
}
