import { findPaymentOnRecord } from '../../db/payments/record-view';
import { formatMoney, type Money } from '../../domain/money';
import { chooseOpenRefund, type NamedRefund } from '../../operations/refunds/open-refund';
import type { UpdateOutcome } from '../../temporal/clients/execute-update';
import { createOperatorActions } from '../../temporal/clients/operator-actions';
import type { RefundState, Settlement } from '../../temporal/contracts/refund';
import type { Retry } from '../../temporal/contracts/retries';
import { CommandFailure } from '../failure';
import type { System } from '../systems';

/** The state of a refund, with what it is about. */
export type RefundResult = RefundState & Money & { refundId: string };

/**
 * Closes a refund that waits for an operator, who has returned the money by hand.
 *
 * @throws when the refund doesn't wait, nothing is owed, or several are open and none is named:
 * the ledger would get money that was not returned.
 */
export async function settleRefund(
  system: System,
  named: NamedRefund,
  settlement: Settlement,
): Promise<RefundResult> {
  const refund = await requireOpenRefund(system, named);
  return resultOf(refund, actionsOf(system).settleRefund(refund.ref, settlement));
}

/**
 * Asks the provider again now about a refund. Starts a new workflow if none is running. Returns the
 * refund's state then.
 *
 * @throws when nothing is owed, several are open and none is named, or the provider is being asked
 * already.
 */
export async function retryRefund(
  system: System,
  named: NamedRefund,
  retry: Retry,
): Promise<RefundResult> {
  const refund = await requireOpenRefund(system, named);
  return resultOf(refund, actionsOf(system).retryRefund(refund.ref, retry));
}

const actionsOf = ({ client, taskQueue }: System) => createOperatorActions(client, taskQueue);

async function resultOf(
  { refundId, money }: { refundId: string; money: Money },
  outcome: Promise<UpdateOutcome<RefundState>>,
): Promise<RefundResult> {
  const answer = await outcome;
  if (answer.kind === 'completed') return { ...answer.result, refundId, ...money };
  throw new CommandFailure(
    answer.kind === 'closed'
      ? 'The refund has just been settled.'
      : 'The refund’s workflow does not respond: is a worker running?',
  );
}

async function requireOpenRefund({ db }: System, { paymentId, refundId }: NamedRefund) {
  const payment = await findPaymentOnRecord(db, paymentId);
  if (payment === undefined) throw new CommandFailure(`There is no payment ${paymentId}.`);
  const chosen = await chooseOpenRefund(db, payment, refundId);
  if (chosen.kind === 'refused') throw new CommandFailure(chosen.why);
  return chosen;
}

/** Describes the state of a refund. */
export function describeRefund({ paymentId, status, whyOperator, ...money }: RefundResult): string {
  const what = `The refund of ${formatMoney(money)} of payment ${paymentId}`;
  if (status === 'pending')
    return `${what}: the provider has not responded yet, and is asked again automatically.`;
  const why = whyOperator === null ? '' : ` (${whyOperator})`;
  return `${what}: ${status}${why}.`;
}
