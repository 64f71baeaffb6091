import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { isSameMoney } from '../../../domain/money';
import { MAX_DECLINES } from '../../../domain/payment';
import { REFUSAL_TEXTS } from '../../../domain/refusal-texts';
import {
  makePayment,
  paymentUpdated,
  type AmountMismatch,
  type PaymentRequest,
  type PaymentResult,
} from '../../../temporal/contracts/booking';
import { receiveSignal, receiveUpdate } from '../../messages/receive';
import { checkAccepted, refuse } from '../../messages/refuse';
import { requirePayment } from '../../messages/shapes';
import { CardAttempt } from '../card-attempt';
import type { BookingStateMachine } from '../state-machine';

/** Accepts the customer's card payments: one at a time, and only one that fits the booking. */
export function receiveCardPayments(booking: BookingStateMachine): void {
  receiveUpdate(makePayment, {
    takes: 1,
    validator: (payment: PaymentRequest) => {
      admitPayment(booking, payment);
    },
    description:
      "Not for people: sent by our API. Charges the customer's card and confirms the booking. Takes { paymentId, customerId, idempotencyKey, fingerprint, amount, currency, paymentMethod }.",
    handle: (payment) => CancellationScope.nonCancellable(() => answerPayment(booking, payment)),
  });
  receiveSignal(paymentUpdated, {
    takes: 0,
    description:
      'Not for people: sent by our API. Reports that the payment provider has an event of the payment under way, so that it is asked at once. Takes nothing.',
    timeline: booking.timeline,
    handle: () => {
      booking.hasProviderEvent = true;
    },
  });
}

/**
 * A payment may come before the workflow knows that its seats are held: their customer was told so
 * by the database, and the worker that held them died before it could report it. Such a payment is
 * accepted, and waits. Not so in a run that an operator's Reset began: Temporal sends it the
 * payments of the run before, whose money may have gone back since.
 *
 * @throws ApplicationFailure when the payment doesn't fit: nothing was charged, and nothing was
 * written.
 */
function admitPayment(booking: BookingStateMachine, payment: PaymentRequest): void {
  requirePayment(payment);
  if (payment.customerId !== booking.request.customerId) {
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  }
  if (booking.reservation !== undefined || isReset()) requirePayable(booking, payment);
}

/** Whether this run replaces one that was reset. */
function isReset(): boolean {
  const { runId, firstExecutionRunId } = workflowInfo();
  return runId !== firstExecutionRunId;
}

/** @throws ApplicationFailure when this payment can't be made, or not now. */
function requirePayable(booking: BookingStateMachine, payment: PaymentRequest): void {
  if (booking.business?.kind === 'pay') {
    refuse('payment_in_progress', REFUSAL_TEXTS.paymentInProgress);
  }
  if (booking.status !== 'pending' || booking.business !== undefined || booking.isPastDeadline) {
    refuse('booking_not_payable', REFUSAL_TEXTS.notPayable);
  }
  if (!isSameMoney(booking.hold.price, payment)) {
    const { amount, currency } = booking.hold.price;
    const mismatch: AmountMismatch = { expected: { amount, currency } };
    refuse('amount_mismatch', 'The amount or currency is not the price of the booking.', mismatch);
  }
  if (booking.declines >= MAX_DECLINES) {
    refuse('too_many_declines', 'Too many payments of this booking were declined.');
  }
}

/** No await comes between the last check and the decision: no message is handled there. */
async function answerPayment(
  booking: BookingStateMachine,
  payment: PaymentRequest,
): Promise<PaymentResult> {
  if (booking.reservation === undefined) {
    await booking.reserved.promise;
    checkAccepted(() => {
      requirePayable(booking, payment);
    });
  }
  const attempt = new CardAttempt({ ...payment, bookingId: booking.request.bookingId });
  booking.decide({ kind: 'pay', attempt });
  return attempt.toldToPayer();
}
