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
} from '../../temporal/refund-contracts';
import type { Retry, SignedRetry } from '../../temporal/retries';
import { requireOwnId } from '../messages/identity';
import { passOverUnknownSignals } from '../messages/passed-over';
import { receiveUpdate } from '../messages/receive';
import { refuse } from '../messages/refuse';
import { isRetry, requireRefund, requireRetry, requireSettlement } from '../messages/shapes';
import { sign } from '../messages/sign';
import {
  concurrentDatabase,
  providerActivities,
  database,
  REVERSAL_TIMEOUT_MS,
} from '../shared/activities';
import { moveWithBuilds } from '../shared/builds';
import { RefundStateMachine, type RefundAction } from './state-machine';

/**
 * Gives a payment back, as far as it is owed: records it if nobody has, asks the provider, and,
 * where that can't help, waits for a person. Ends when nothing is owed any more.
 */
export async function refundWorkflow(request: RefundRequest): Promise<RefundState> {
  requireRefund(request);
  requireOwnId(refundWorkflowId(request.paymentId.toLowerCase()));
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

// A refund may wait for a person for months, and its build with it: it moves to the newest one
// instead, which the deploy gate has replayed it on.
moveWithBuilds(refundWorkflow);

/**
 * Puts money on record that came when nobody was there to do it; returns whether it has to go back.
 */
async function isOwed({ unapplied }: RefundRequest): Promise<boolean> {
  if (unapplied === undefined) return true;
  const { payment, reason } = unapplied;
  return (await concurrentDatabase.recordUnappliedPayment(payment, reason)).isOwedBack;
}

async function carryOut(refund: RefundStateMachine, action: RefundAction): Promise<GiveBack> {
  const { paymentId } = refund.state;
  if (action.kind === 'settle') {
    refund.noteSettlement(action.settlement);
    return { status: await database.settleRefund(paymentId, action.settlement), whyOperator: null };
  }
  if (action.retry !== undefined) {
    // Who and why come first: nothing is done in nobody's name.
    await database.noteRefundRetry(paymentId, action.retry);
    refund.noteRetry(action.retry);
  }
  try {
    return await providerActivities(REVERSAL_TIMEOUT_MS, 'Give the money back').giveBack(paymentId);
  } catch (failure) {
    log.error('The payment provider gave no answer to a refund', { failure: String(failure) });
    await database.leaveRefundToOperator(paymentId, 'provider_silent');
    return { status: 'needs_operator', whyOperator: 'provider_silent' };
  }
}

/** Registers what operators can do, before the workflow's first await. */
function receiveMessages(refund: RefundStateMachine): void {
  setHandler(refundState, () => refund.state, {
    description: 'Answers how the refund stands, and why a person is needed. Takes nothing.',
  });
  receiveUpdate(settleRefund, {
    takes: 1,
    handle: (settlement) => carryOutWhenDue(refund, { kind: 'settle', settlement }),
    validator: (settlement: Settlement) => {
      requireSettlement(settlement);
      requireWaiting(refund);
    },
    description:
      'Closes the refund, once someone has given the money back by hand. Takes { settledBy, note }: who did, and how.',
  });
  receiveUpdate(retryRefund, {
    takes: 1,
    handle: (retry) => carryOutWhenDue(refund, { kind: 'ask', retry: signed(retry) }),
    validator: (retry: Retry) => {
      requireRetry('retryRefund', retry);
      requireWaiting(refund);
    },
    description: 'Asks the payment provider again, now. Takes { requestedBy, note }: who and why.',
  });
  passOverUnknownSignals(refund.timeline);
}

/**
 * Before it said who and why this update took anything, and histories of that time must be replayed
 * as they went: nothing is noted of it.
 */
function signed(retry: unknown): SignedRetry | undefined {
  return isRetry(retry) ? sign(retry) : undefined;
}

/**
 * @throws ApplicationFailure while the provider is being asked: both at once could give the money
 * back twice.
 */
function requireWaiting(refund: RefundStateMachine): void {
  if (!refund.isWaitingForOperator)
    refuse(
      'validation_failed',
      'The refund is not waiting for a person: the payment provider is being asked. Wait for its answer.',
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
