import { condition } from '@temporalio/workflow';
import type { ExternalPaymentReport } from '../../../temporal/contracts/booking';
import { concurrentDatabase, startRefund } from '../../shared/activities';
import type { BookingStateMachine } from '../state-machine';
import { noteRejected } from './notes';
import { findUnappliedReason, type ExternalAttempt } from './queue';

/**
 * Books with the money if it fits and comes in time. Otherwise records it, to be refunded.
 *
 * Only for workflows that began before reports were handled in batches.
 */
export async function settleOneByOne(
  booking: BookingStateMachine,
  payment: ExternalPaymentReport,
): Promise<void> {
  if (isKnown(booking, payment)) return;
  const { amount, currency, provider, providerPaymentId } = payment;
  const { bookingId } = booking.request;
  const attempt: ExternalAttempt = {
    payment: { bookingId, amount, currency, provider, providerPaymentId },
    status: 'waiting',
  };
  booking.reportsOneByOne.push(attempt);
  if (booking.reservation === undefined) await condition(() => booking.reservation !== undefined);

  let unapplied = findUnappliedReason(booking, payment);
  if (unapplied === undefined && booking.isPastDeadline) unapplied = 'late';
  if (unapplied === undefined) {
    booking.decide({ kind: 'external_payment', attempt });
    await condition(() => attempt.status !== 'waiting' || !booking.isOpen);
    if (attempt.status === 'applied') return;
    unapplied = findUnappliedReason(booking, payment) ?? 'late';
  }
  attempt.status = 'not_applied';
  noteRejected(booking, [{ attempt, reason: unapplied }]);
  const { paymentId, isOwedBack } = await concurrentDatabase.recordUnappliedPayment(
    attempt.payment,
    unapplied,
  );
  if (isOwedBack) await startRefund(paymentId);
}

function isKnown(
  booking: BookingStateMachine,
  { provider, providerPaymentId }: ExternalPaymentReport,
): boolean {
  return booking.reportsOneByOne.some(
    ({ payment }) =>
      payment.provider === provider && payment.providerPaymentId === providerPaymentId,
  );
}
