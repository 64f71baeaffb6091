import { findPaymentOnRecord, findRefundSubject } from '../../db/payments/record-view';
import type { UpdateOutcome } from '../../temporal/clients/execute-update';
import { createOperatorActions, type OpenRefundRef } from '../../temporal/clients/operator-actions';
import type { RefundState, Settlement } from '../../temporal/refund-contracts';
import type { Retry } from '../../temporal/retries';
import { CommandFailure } from '../failure';
import type { System } from '../systems';

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
  const refund = await requireOpenRefund(system, paymentId);
  return resultOf(actionsOf(system).settleRefund(refund, settlement));
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
  const refund = await requireOpenRefund(system, paymentId);
  return resultOf(actionsOf(system).retryRefund(refund, retry));
}

const actionsOf = ({ client, taskQueue }: System) => createOperatorActions(client, taskQueue);

async function resultOf(outcome: Promise<UpdateOutcome<RefundState>>): Promise<RefundState> {
  const answer = await outcome;
  if (answer.kind === 'completed') return answer.result;
  throw new CommandFailure(
    answer.kind === 'closed'
      ? 'The refund has just been settled.'
      : 'The refund’s workflow does not respond: is a worker running?',
  );
}

async function requireOpenRefund({ db }: System, paymentId: string): Promise<OpenRefundRef> {
  const payment = await findPaymentOnRecord(db, paymentId);
  if (payment === undefined) throw new CommandFailure(`There is no payment ${paymentId}.`);
  if (payment.refund === null)
    throw new CommandFailure(`Nothing is owed of payment ${paymentId}: it is ${payment.status}.`);
  if (payment.refund.status === 'succeeded')
    throw new CommandFailure(`Payment ${paymentId} has been refunded already.`);
  const refundId = payment.refund.changeRefundId;
  const subject = await findRefundSubject(db, paymentId, refundId ?? undefined);
  return { paymentId, refundId, subject };
}

/** Describes the state of a refund. */
export function describeRefund({ paymentId, status, whyOperator }: RefundState): string {
  if (status === 'pending')
    return `The refund of payment ${paymentId}: the provider has not responded yet, and is asked again automatically.`;
  const why = whyOperator === null ? '' : ` (${whyOperator})`;
  return `The refund of payment ${paymentId}: ${status}${why}.`;
}
