import type { Db } from '../../db/connection';
import { findPaymentOnRecord } from '../../db/payments/record-view';
import type { Booking } from '../../domain/booking';
import type { Money } from '../../domain/money';
import { chooseOpenRefund, type NamedRefund } from '../../operations/refunds/open-refund';
import type { UpdateOutcome } from '../../temporal/clients/execute-update';
import type { OperatorActions } from '../../temporal/clients/operator-actions';
import { Refused } from '../../temporal/clients/refused';
import { isAwaitingProvider } from '../../temporal/contracts/booking';
import type { RefundState } from '../../temporal/contracts/refund';
import { invalidField, Problem, unavailable } from '../problem';

const NOT_KNOWN =
  'It is not known yet whether that was done; read the timeline of the booking to learn.';

/** Who acts, and why. */
interface Act {
  by: string;
  note: string;
}

interface Deps {
  db: Db;
  operatorActions: OperatorActions;
}

/**
 * Has the provider asked again about the card payment of a booking that is being made.
 *
 * @throws Problem `operation_not_possible` when none is.
 */
export async function retryPayment(
  { operatorActions }: Deps,
  { id, reference }: Booking,
  { by, note }: Act,
) {
  const state = await resultOf(
    operatorActions.retryPayment(id, { requestedBy: by, note }),
    `No card payment of ${reference} is being made: its workflow has ended.`,
  );
  return { bookingId: id, status: state.status, isUnderWay: isAwaitingProvider(state) };
}

/**
 * Has the provider asked again for a refund of a booking's payment.
 *
 * @throws Problem `operation_not_possible` when nothing is owed, several refunds are open and none
 * is named, or the provider is being asked.
 */
export async function retryRefund(
  deps: Deps,
  booking: Booking,
  { by, note, ...named }: Act & NamedRefund,
) {
  const refund = await requireOpenRefund(deps.db, booking, named);
  return refundResultOf(
    refund,
    deps.operatorActions.retryRefund(refund.ref, { requestedBy: by, note }),
  );
}

/**
 * Closes a refund of a booking's payment, whose money was returned by hand.
 *
 * @throws Problem `operation_not_possible` when nothing is owed, several refunds are open and none
 * is named, or the provider is being asked: the money could go back twice.
 */
export async function settleRefund(
  deps: Deps,
  booking: Booking,
  { by, note, ...named }: Act & NamedRefund,
) {
  const refund = await requireOpenRefund(deps.db, booking, named);
  return refundResultOf(
    refund,
    deps.operatorActions.settleRefund(refund.ref, { settledBy: by, note }),
  );
}

const NO_RUN = 'The refund has just been settled.';

async function requireOpenRefund(db: Db, { id }: Booking, { paymentId, refundId }: NamedRefund) {
  const payment = await findPaymentOnRecord(db, paymentId);
  if (payment?.bookingId !== id)
    throw invalidField('/paymentId', 'The booking has no such payment.');
  const chosen = await chooseOpenRefund(db, payment, refundId);
  if (chosen.kind === 'refused') throw notPossible(chosen.why);
  return chosen;
}

async function refundResultOf(
  { refundId, money }: { refundId: string; money: Money },
  outcome: Promise<UpdateOutcome<RefundState>>,
) {
  return { ...(await resultOf(outcome, NO_RUN)), refundId, ...money };
}

async function resultOf<T>(outcome: Promise<UpdateOutcome<T>>, ifClosed: string): Promise<T> {
  const answer = await outcome.catch(explain);
  switch (answer.kind) {
    case 'completed':
      return answer.result;
    case 'closed':
      throw notPossible(ifClosed);
    case 'no_result':
      throw unavailable(NOT_KNOWN);
    default:
      throw new Error(`Bug: ${String(answer satisfies never)} is no outcome`);
  }
}

/** Workflows refuse what doesn't fit their state as if it were malformed: our form is right. */
function explain(error: unknown): never {
  if (error instanceof Refused && error.code === 'validation_failed')
    throw notPossible(error.detail);
  throw error;
}

function notPossible(detail: string): Problem {
  return new Problem('operation_not_possible', detail);
}
