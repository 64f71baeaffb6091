import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { paymentReceived, type ExternalPayment } from '../../../temporal/contracts';
import type { BookingDesk } from '../state-machine';
import { findMisfit, type ForeignAttempt } from '../external-payments/queue';
import { settleExternalPayments } from '../external-payments/settle';
import { alongside, startRefund } from '../../shared/activities';
import { receiveSignal } from '../../messages/receive';
import { isExternalPayment } from '../../messages/shapes';

/** Takes reports of payments that other services have made: each once, and none is lost. */
export function receiveForeignPayments(desk: BookingDesk): void {
  let settling: Promise<void> | undefined;
  /** The first report sees all through that come meanwhile: so the workflow waits for them. */
  const receive = (payment: ExternalPayment): Promise<void> | undefined => {
    desk.external.receive(payment);
    if (settling !== undefined || desk.external.isEmpty) return undefined;
    settling = settleExternalPayments(desk).finally(() => {
      settling = undefined;
    });
    return settling;
  };
  receiveSignal(paymentReceived, {
    takes: 1,
    description:
      'Says that another service has been paid for this booking. Takes { amount, currency, provider, providerPaymentId }; the amount is in the minor unit, such as cents.',
    timeline: desk.timeline,
    accepts: isExternalPayment,
    handle: (payment) => {
      if (patched('external-payments-in-batches')) return receive(payment);
      return CancellationScope.nonCancellable(() => takePayment(desk, payment));
    },
  });
}

/**
 * Books with the money if it fits and comes in time; else records it, to be given back.
 *
 * For workflows that began before reports were seen to in batches.
 */
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
