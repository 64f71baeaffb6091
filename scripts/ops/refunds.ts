import { randomUUID } from 'node:crypto';
import { executeUpdate } from '../../src/api/bookings/execute-update';
import { findPaymentOnRecord, findRefundSubject } from '../../src/db/payments/record-view';
import { createPaymentWorkflows } from '../../src/temporal/payment-workflows';
import {
  refundState,
  refundWorkflowId,
  retryRefund as askAgain,
  settleRefund as settle,
  type RefundState,
  type RefundWorkflow,
  type Settlement,
} from '../../src/temporal/refund-contracts';
import { messageIdOf, type Retry, type SignedRetry } from '../../src/temporal/retries';
import { StackFailure } from '../stack/failure';
import { waitUntil } from '../stack/wait';
import type { OpsDesk } from './desk';

/**
 * Closes a refund that waits for a person: someone has given the money back by hand.
 *
 * @throws when the refund doesn't wait, or nothing is owed: settling twice would post the money twice.
 */
export async function settleRefund(
  desk: OpsDesk,
  paymentId: string,
  settlement: Settlement,
): Promise<RefundState> {
  await requireOpenRefund(desk, paymentId);
  const { client } = desk;
  const question = { args: [settlement] as [Settlement], updateId: `settlement-${randomUUID()}` };
  const update = () => handleOf(desk, paymentId).executeUpdate(settle, question);
  let answer = await executeUpdate(client, update);
  if (answer.kind === 'closed') {
    // Of many refunds of one booking only some have a workflow from the beginning.
    await start(desk, paymentId);
    answer = await executeUpdate(client, update);
  }
  if (answer.kind === 'completed') return answer.result;
  throw new StackFailure('The refund has not answered: is a worker running?');
}

/**
 * Asks the provider again about a refund, now; one that nobody is at any more gets a workflow again. Answers how it stands then.
 *
 * @throws when nothing is owed, or the provider is being asked already.
 */
export async function retryRefund(
  desk: OpsDesk,
  paymentId: string,
  retry: Retry,
): Promise<RefundState> {
  await requireOpenRefund(desk, paymentId);
  const handle = handleOf(desk, paymentId);
  const updateId = `retry-${randomUUID()}`;
  const question = { args: [retry] as [Retry], updateId };
  const answer = await executeUpdate(desk.client, () => handle.executeUpdate(askAgain, question));
  if (answer.kind === 'completed') return answer.result;
  const messageId = messageIdOf(refundWorkflowId(paymentId), updateId);
  if (answer.kind === 'closed') await start(desk, paymentId, { ...retry, messageId });
  return handle.query(refundState);
}

/** A provider that works answers sooner. */
const PROVIDER_PATIENCE_MS = 10_000;

/** Starts the workflow of a refund, and waits until the provider has been asked. */
async function start(desk: OpsDesk, paymentId: string, retry?: SignedRetry): Promise<void> {
  await createPaymentWorkflows(desk.client, desk.taskQueue).startRefund(paymentId, {
    ...(retry === undefined ? {} : { retry }),
    subject: await findRefundSubject(desk.db, paymentId),
  });
  const handle = handleOf(desk, paymentId);
  await waitUntil(async () => (await handle.query(refundState)).status !== 'pending', {
    timeoutMs: PROVIDER_PATIENCE_MS,
    onTimeout: () =>
      new StackFailure('The provider has not answered yet: it is asked again by itself.'),
  });
}

function handleOf({ client }: OpsDesk, paymentId: string) {
  return client.workflow.getHandle<RefundWorkflow>(refundWorkflowId(paymentId));
}

async function requireOpenRefund({ db }: OpsDesk, paymentId: string): Promise<void> {
  const payment = await findPaymentOnRecord(db, paymentId);
  if (payment === undefined) throw new StackFailure(`There is no payment ${paymentId}.`);
  if (payment.refund === null)
    throw new StackFailure(`Nothing is owed of payment ${paymentId}: it is ${payment.status}.`);
  if (payment.refund.status === 'succeeded')
    throw new StackFailure(`Payment ${paymentId} has gone back already.`);
}
