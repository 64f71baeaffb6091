import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Booking } from '../../../domain/booking';
import type { Money } from '../../../domain/money';
import { cancelBooking, type CancellationRequest } from '../../../temporal/contracts';
import type { BookingDesk } from '../state-machine';
import { alongside } from '../../shared/activities';
import { receiveUpdate } from '../../messages/receive';
import { refuse } from '../../messages/refuse';
import { requireCancellation } from '../../messages/shapes';

/** Takes cancellations of the owner and of operators, while the booking is unpaid. */
export function receiveCancellations(desk: BookingDesk): void {
  receiveUpdate(cancelBooking, {
    takes: 1,
    validator: (cancellation: CancellationRequest) => {
      admitCancellation(desk, cancellation);
    },
    description:
      'Cancels the booking while it is unpaid, and puts its seats back on sale. Takes { requestedBy, asOperator, reason?, note?, expectedRefund? }: who, whether as an operator (true), why in words for the customer, and what only staff reads.',
    handle: (cancellation) =>
      CancellationScope.nonCancellable(() => answerCancellation(desk, cancellation)),
  });
}

/** @throws ApplicationFailure when the booking can't be cancelled now, or not by this caller. */
function admitCancellation(desk: BookingDesk, cancellation: CancellationRequest): void {
  requireCancellation(cancellation);
  const { requestedBy, asOperator, expectedRefund } = cancellation;
  if (!asOperator && requestedBy !== desk.request.customerId) {
    refuse('booking_not_found', 'There is no such booking.');
  }
  if (desk.status === 'booked') refuse('booking_not_cancellable', 'The booking is paid for.');
  if (desk.decision !== undefined && desk.decision.kind !== 'cancel') {
    refuse('payment_in_progress', 'A payment of this booking is being made.');
  }
  if (desk.isOpen && expectedRefund !== undefined && !isNothing(desk, expectedRefund)) {
    refuse('quote_changed', 'The booking is unpaid: nothing would go back.');
  }
}

/** Whether that is what goes back of an unpaid booking. */
function isNothing({ reservation }: BookingDesk, { amount, currency }: Money): boolean {
  const isOurCurrency =
    reservation?.outcome !== 'held' || reservation.booking.price.currency === currency;
  return amount === 0 && isOurCurrency;
}

/** Answers the booking as it is once it is cancelled, whoever's cancellation came first. */
async function answerCancellation(
  desk: BookingDesk,
  { requestedBy, asOperator, reason: said, note }: CancellationRequest,
): Promise<Booking> {
  const reason = asOperator ? 'operator_request' : 'customer_request';
  if (asOperator) {
    const why = [said, note].filter((text) => text !== undefined).join(' · ');
    desk.timeline.note(`Operator ${requestedBy} cancels the booking${why && `: ${why}`}`);
  }
  desk.decide({
    kind: 'cancel',
    reason,
    actor: requestedBy,
    ...(said === undefined ? {} : { said }),
    ...(note === undefined ? {} : { note }),
  });
  await condition(() => !desk.isOpen);
  // Only a workflow that was started again after its end finds its booking paid for meanwhile.
  if (desk.status === 'booked') refuse('booking_not_cancellable', 'The booking is paid for.');
  if (desk.cancelled !== undefined) return desk.cancelled;
  if (desk.passingRefusal !== undefined) refuse('booking_not_found', 'There is no such booking.');
  // A booking that never got seats was not released: releasing it changes nothing, and answers it.
  const requestedAt = workflowInfo().startTime.toISOString();
  return alongside.releaseSeats(desk.request, { reason, actor: requestedBy, requestedAt });
}
