import {
  allHandlersFinished,
  CancellationScope,
  condition,
  log,
  setHandler,
} from '@temporalio/workflow';
import type { GiveBack } from '../../activities/refund';
import {
  refundState,
  refundWorkflowId,
  retryRefund,
  settleRefund,
  type RefundRequest,
  type RefundState,
  type Settlement,
} from '../../temporal/contracts/refund';
import type { Retry, SignedRetry } from '../../temporal/contracts/retries';
import { requireOwnId } from '../messages/identity';
import { requireRetry, requireSettlement } from '../messages/operator-updates';
import { passOverUnknownSignals } from '../messages/passed-over';
import { receiveUpdate } from '../messages/receive';
import { refuse } from '../messages/refuse';
import { isRetry, requireRefund } from '../messages/shapes';
import { sign } from '../messages/sign';
import {
  concurrentDatabase,
  providerActivities,
  database,
  REVERSAL_TIMEOUT_MS,
} from '../shared/activities';
import { RefundStateMachine, type RefundAction } from './state-machine';

/**
 * Refunds a payment, as far as it is owed. Records it if nobody has, asks the provider, and, where
 * that doesn't succeed, waits for an operator. Ends when nothing is owed any more.
 */
export async function refundWorkflow(request: RefundRequest): Promise<RefundState> {
  requireRefund(request);
  requireOwnId(refundWorkflowId((request.refundId ?? request.paymentId).toLowerCase()));
  const refund = new RefundStateMachine(request);
  receiveMessages(refund);
  // What is owed can't be called off: Temporal's own Cancel changes nothing.
  return CancellationScope.nonCancellable(async () => {
    if (!(await isOwed(request))) refund.become({ status: 'nothing_owed', whyOperator: null });
    while (refund.isOpen) refund.become(await carryOut(refund, await refund.nextAction()));
    await condition(allHandlersFinished);
    return refund.state;
  });
}

/**
 * Records money that came when no workflow was there to record it. Returns whether it must be
 * refunded.
 */
async function isOwed({ unapplied }: RefundRequest): Promise<boolean> {
  if (unapplied === undefined) return true;
  const { payment, reason } = unapplied;
  return (await concurrentDatabase.recordUnappliedPayment(payment, reason)).isOwedBack;
}

async function carryOut(refund: RefundStateMachine, action: RefundAction): Promise<GiveBack> {
  const { paymentId } = refund.state;
  const { refundId } = refund;
  if (action.kind === 'settle') {
    refund.noteSettlement(action.settlement);
    const settled = database.settleRefund(paymentId, action.settlement, refundId);
    return { status: await settled, whyOperator: null };
  }
  if (action.retry !== undefined) {
    // Who and why are recorded first, so that no action is without an author.
    await database.noteRefundRetry(paymentId, action.retry);
    refund.noteRetry(action.retry);
  }
  try {
    const provider = providerActivities(REVERSAL_TIMEOUT_MS, 'Return the money', {
      // No customer waits for the answer.
      maximumInterval: '30s',
    });
    return await provider.giveBack(paymentId, refundId);
  } catch (failure) {
    log.error('The payment provider did not respond to a refund', { failure: String(failure) });
    await database.leaveRefundToOperator(paymentId, 'provider_silent', refundId);
    return { status: 'needs_operator', whyOperator: 'provider_silent' };
  }
}

/** Registers the operators' messages. Must be called before the workflow's first await. */
function receiveMessages(refund: RefundStateMachine): void {
  setHandler(refundState, () => refund.state, {
    description: 'Returns the state of the refund, and why an operator is needed. Takes nothing.',
  });
  receiveUpdate(settleRefund, {
    takes: 1,
    handle: (settlement) => carryOutWhenDue(refund, { kind: 'settle', settlement }),
    validator: (settlement: Settlement) => {
      requireSettlement(settlement);
      requireWaiting(refund);
    },
    description:
      'Closes the refund, after you have returned the money outside this system. Takes { settledBy, note }: your ID, and how the money was returned.',
  });
  receiveUpdate(retryRefund, {
    takes: 1,
    handle: (retry) => carryOutWhenDue(refund, { kind: 'ask', retry: signed(retry) }),
    validator: (retry: Retry) => {
      requireRetry('retryRefund', retry);
      requireWaiting(refund);
    },
    description:
      'Asks the payment provider now to return the money. Takes { requestedBy, note }: your ID, and why.',
  });
  passOverUnknownSignals(refund.timeline);
}

/**
 * Returns undefined for a retry of the time before the update named its author and reason: it took
 * anything then. Such histories must replay as they ran, so nothing is noted.
 */
function signed(retry: unknown): SignedRetry | undefined {
  return isRetry(retry) ? sign(retry) : undefined;
}

/**
 * @throws ApplicationFailure while the provider is being asked: an operator's refund at the same
 * time could give the money back twice.
 */
function requireWaiting(refund: RefundStateMachine): void {
  if (!refund.isWaitingForOperator)
    refuse(
      'validation_failed',
      'The refund is not waiting for an operator: the payment provider is being asked. Wait for its response.',
    );
}

async function carryOutWhenDue(
  refund: RefundStateMachine,
  action: RefundAction,
): Promise<RefundState> {
  refund.action = action;
  await CancellationScope.nonCancellable(() => condition(() => refund.action === undefined));
  return refund.state;
}
