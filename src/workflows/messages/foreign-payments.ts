import { CancellationScope, condition } from '@temporalio/workflow';
import { isSameMoney } from '../../domain/money';
import { paymentReceived, type ExternalPayment } from '../../temporal/contracts';
import type { Misfit } from '../../temporal/refund-contracts';
import type { BookingDesk, ForeignAttempt } from '../booking-desk';
import { alongside, startRefund } from '../steps';
import { receiveSignal } from './receive';
import { isExternalPayment } from './shapes';

/** Takes news of payments that other services have made: each once, and none is lost. */
export function receiveForeignPayments(desk: BookingDesk): void {
  receiveSignal(paymentReceived, {
    takes: 1,
    description:
      'Says that another service has been paid for this booking. Takes { amount, currency, provider, providerPaymentId }; the amount is in the minor unit, such as cents.',
    timeline: desk.timeline,
    accepts: isExternalPayment,
    handle: (payment) => CancellationScope.nonCancellable(() => takePayment(desk, payment)),
  });
}

/** Books with the money if it fits and comes in time; else records it, to be given back. */
async function takePayment(desk: BookingDesk, payment: ExternalPayment): Promise<void> {
  if (isKnown(desk, payment)) return;
  const { amount, currency, provider, providerPaymentId } = payment;
  const { bookingId } = desk.request;
  const attempt: ForeignAttempt = {
    payment: { bookingId, amount, currency, provider, providerPaymentId },
    status: 'waiting',
  };
  desk.foreign.push(attempt);
  if (desk.reservation === undefined) await condition(() => desk.reservation !== undefined);

  let misfit = findMisfit(desk, payment);
  if (misfit === undefined) {
    desk.decide({ kind: 'paid_elsewhere', attempt });
    await condition(() => attempt.status !== 'waiting' || !desk.isOpen);
    if (attempt.status === 'applied') return;
    misfit = findMisfit(desk, payment) ?? 'late';
  }
  attempt.status = 'not_applied';
  desk.timeline.note(`Money of ${provider} came that pays for nothing (${misfit}): it goes back.`);
  const { paymentId, isOwedBack } = await alongside.recordUnappliedPayment(attempt.payment, misfit);
  if (isOwedBack) await startRefund(paymentId);
}

function isKnown(desk: BookingDesk, { provider, providerPaymentId }: ExternalPayment): boolean {
  return desk.foreign.some(
    ({ payment }) =>
      payment.provider === provider && payment.providerPaymentId === providerPaymentId,
  );
}

/** Why money can't pay for the booking as it is now; undefined when it can. */
function findMisfit(desk: BookingDesk, payment: ExternalPayment): Misfit | undefined {
  if (desk.status === 'booked') return 'second_payment';
  if (desk.status === 'cancelled') return 'booking_cancelled';
  if (!isSameMoney(desk.hold.price, payment)) return 'amount_mismatch';
  if (desk.isPastDeadline) return 'late';
  return undefined;
}
