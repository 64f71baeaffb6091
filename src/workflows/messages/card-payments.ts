import { CancellationScope, condition } from '@temporalio/workflow';
import { isSameMoney } from '../../domain/money';
import { MAX_DECLINES, type Payment } from '../../domain/payment';
import {
  makePayment,
  paymentUpdated,
  type AmountMismatch,
  type PaymentRequest,
  type PaymentResult,
} from '../../temporal/contracts';
import type { BookingDesk, CardAttempt } from '../booking-desk';
import { receiveSignal, receiveUpdate } from './receive';
import { refuse } from './refuse';
import { requirePayment } from './shapes';

/** Takes the customer's own payments: one at a time, and only one that fits. */
export function receiveCardPayments(desk: BookingDesk): void {
  receiveUpdate(makePayment, {
    takes: 1,
    validator: (payment: PaymentRequest) => {
      admitPayment(desk, payment);
    },
    description:
      "Charges the customer's card and confirms the booking. The API sends it; takes { paymentId, customerId, idempotencyKey, fingerprint, amount, currency, paymentMethod }.",
    handle: (payment) => CancellationScope.nonCancellable(() => answerPayment(desk, payment)),
  });
  receiveSignal(paymentUpdated, {
    takes: 0,
    description:
      'Says that the payment provider has news of the payment under way: it is asked at once. Takes nothing.',
    timeline: desk.timeline,
    handle: () => {
      desk.hasProviderNews = true;
    },
  });
}

/** @throws ApplicationFailure when the payment doesn't fit: nothing has been charged, and nothing written. */
function admitPayment(desk: BookingDesk, payment: PaymentRequest): void {
  requirePayment(payment);
  if (payment.customerId !== desk.request.customerId) {
    refuse('booking_not_found', 'There is no such booking.');
  }
  if (desk.decision?.kind === 'pay') {
    refuse('payment_in_progress', 'A payment of this booking is being made.');
  }
  if (desk.status !== 'pending' || desk.decision !== undefined || desk.isPastDeadline) {
    refuse('booking_not_payable', 'The booking is not waiting for a payment.');
  }
  if (!isSameMoney(desk.hold.price, payment)) {
    const { amount, currency } = desk.hold.price;
    const mismatch: AmountMismatch = { expected: { amount, currency } };
    refuse('amount_mismatch', 'The amount or currency is not the price of the booking.', mismatch);
  }
  if (desk.declines >= MAX_DECLINES) {
    refuse('too_many_declines', 'Too many payments of this booking were declined.');
  }
}

/** No await comes before the decision: nothing can slip in between the validator's yes and this. */
async function answerPayment(desk: BookingDesk, payment: PaymentRequest): Promise<PaymentResult> {
  const attempt: CardAttempt = { payment: { ...payment, bookingId: desk.request.bookingId } };
  desk.decide({ kind: 'pay', attempt });
  const { fingerprint } = payment;
  await condition(() => isDecided(attempt) || attempt.nextAction !== undefined);
  if (attempt.refusal !== undefined) throw attempt.refusal;
  if (attempt.result !== undefined) return attempt.result;
  return { outcome: 'action_required', fingerprint, payment: asProcessing(attempt) };
}

function isDecided({ result, refusal }: CardAttempt): boolean {
  return result !== undefined || refusal !== undefined;
}

function asProcessing({ payment, nextAction }: CardAttempt): Payment {
  const { paymentId: id, bookingId, amount, currency } = payment;
  return {
    id,
    bookingId,
    bookingStatus: 'pending',
    status: 'processing',
    amount,
    currency,
    capturedAt: null,
    declineCode: null,
    dispute: null,
    ...(nextAction === undefined ? {} : { nextAction }),
  };
}
