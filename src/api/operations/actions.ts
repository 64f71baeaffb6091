import type { Db } from '../../db/connection';
import { findPaymentOnRecord, findRefundSubject } from '../../db/payments/record-view';
import type { Booking } from '../../domain/booking';
import type { UpdateOutcome } from '../../temporal/clients/execute-update';
import type { OpenRefundRef, OperatorActions } from '../../temporal/clients/operator-actions';
import { Refused } from '../../temporal/clients/refused';
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
  const { status, activity } = await resultOf(
    operatorActions.retryPayment(id, { requestedBy: by, note }),
    `No card payment of ${reference} is being made: its workflow has ended.`,
  );
  return { bookingId: id, status, isUnderWay: activity === 'paying' };
}

/**
 * Has the provider asked again for a refund of a booking's payment.
 *
 * @throws Problem `operation_not_possible` when nothing is owed, or the provider is being asked.
 */
export async function retryRefund(
  deps: Deps,
  booking: Booking,
  { paymentId, by, note }: Act & { paymentId: string },
) {
  const refund = await requireOpenRefund(deps.db, booking, paymentId);
  return resultOf(deps.operatorActions.retryRefund(refund, { requestedBy: by, note }), NO_RUN);
}

/**
 * Closes a refund of a booking's payment, whose money was returned by hand.
 *
 * @throws Problem `operation_not_possible` when nothing is owed, or the provider is being asked:
 * the money could go back twice.
 */
export async function settleRefund(
  deps: Deps,
  booking: Booking,
  { paymentId, by, note }: Act & { paymentId: string },
) {
  const refund = await requireOpenRefund(deps.db, booking, paymentId);
  return resultOf(deps.operatorActions.settleRefund(refund, { settledBy: by, note }), NO_RUN);
}

const NO_RUN = 'The refund has just been settled.';

async function requireOpenRefund(
  db: Db,
  { id }: Booking,
  paymentId: string,
): Promise<OpenRefundRef> {
  const payment = await findPaymentOnRecord(db, paymentId);
  if (payment?.bookingId !== id)
    throw invalidField('/paymentId', 'The booking has no such payment.');
  const { refund, status } = payment;
  if (refund === null) throw notPossible(`Nothing is owed of this payment: it is ${status}.`);
  if (refund.status === 'succeeded') throw notPossible('The payment has been refunded already.');
  const refundId = refund.changeRefundId;
  const subject = await findRefundSubject(db, paymentId, refundId ?? undefined);
  return { paymentId, refundId, subject };
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
