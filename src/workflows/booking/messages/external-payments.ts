import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { paymentReceived, type ExternalPaymentReport } from '../../../temporal/contracts';
import type { BookingStateMachine } from '../state-machine';
import { findUnappliedReason, type ExternalAttempt } from '../external-payments/queue';
import { settleExternalPayments } from '../external-payments/settle';
import { concurrentDatabase, startRefund } from '../../shared/activities';
import { receiveSignal } from '../../messages/receive';
import { isExternalPaymentReport } from '../../messages/shapes';

/** Takes reports of payments that other services have made: each once, and none is lost. */
export function receiveExternalPayments(booking: BookingStateMachine): void {
  let settling: Promise<void> | undefined;
  /** The first report sees all through that come meanwhile: so the workflow waits for them. */
  const receive = (payment: ExternalPaymentReport): Promise<void> | undefined => {
    booking.external.receive(payment);
    if (settling !== undefined || booking.external.isEmpty) return undefined;
    settling = settleExternalPayments(booking).finally(() => {
      settling = undefined;
    });
    return settling;
  };
  receiveSignal(paymentReceived, {
    takes: 1,
    description:
      'Says that another service has been paid for this booking. Takes { amount, currency, provider, providerPaymentId }; the amount is in the minor unit, such as cents.',
    timeline: booking.timeline,
    accepts: isExternalPaymentReport,
    handle: (payment) => {
      if (patched('external-payments-in-batches')) return receive(payment);
      return CancellationScope.nonCancellable(() => takePayment(booking, payment));
    },
  });
}

/**
 * Books with the money if it fits and comes in time; else records it, to be given back.
 *
 * For workflows that began before reports were seen to in batches.
 */
async function takePayment(
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
  booking.foreign.push(attempt);
  if (booking.reservation === undefined) await condition(() => booking.reservation !== undefined);

  let unapplied = findUnappliedReason(booking, payment);
  if (unapplied === undefined) {
    booking.decide({ kind: 'external_payment', attempt });
    await condition(() => attempt.status !== 'waiting' || !booking.isOpen);
    if (attempt.status === 'applied') return;
    unapplied = findUnappliedReason(booking, payment) ?? 'late';
  }
  attempt.status = 'not_applied';
  booking.timeline.note(
    `Money of ${provider} came that pays for nothing (${unapplied}): it goes back.`,
  );
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
  return booking.foreign.some(
    ({ payment }) =>
      payment.provider === provider && payment.providerPaymentId === providerPaymentId,
  );
}
