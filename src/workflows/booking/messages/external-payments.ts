import { CancellationScope, patched } from '@temporalio/workflow';
import { paymentReceived, type ExternalPaymentReport } from '../../../temporal/contracts/booking';
import { receiveSignal } from '../../messages/receive';
import { isExternalPaymentReport } from '../../messages/shapes';
import { settleOneByOne } from '../external-payments/one-by-one';
import { settleExternalPayments } from '../external-payments/settle';
import type { BookingStateMachine } from '../state-machine';

/** Accepts reports of payments that other services took: each counts once, and none is lost. */
export function receiveExternalPayments(booking: BookingStateMachine): void {
  let settling: Promise<void> | undefined;
  /**
   * The first report's handler handles all that come meanwhile, so the workflow waits for them too.
   */
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
      'Not for people: sent by other services. Reports a payment for this booking that the service took. Takes { amount, currency, provider, providerPaymentId }; the amount is in the minor unit, such as cents. To report a payment by hand, use `flights replay-event`.',
    timeline: booking.timeline,
    accepts: isExternalPaymentReport,
    handle: (payment) => {
      // A workflow that began before goes on as it began; all but the last handle reports in batches.
      const { external } = booking;
      if (patched('late-by-turns')) external.waitsItsTurn = external.late.areRecorded = true;
      else if (patched('external-payments-in-turn')) external.waitsItsTurn = true;
      else if (!patched('external-payments-in-batches'))
        return CancellationScope.nonCancellable(() => settleOneByOne(booking, payment));
      return receive(payment);
    },
  });
}
