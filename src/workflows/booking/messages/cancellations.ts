import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Booking } from '../../../domain/booking';
import type { Money } from '../../../domain/money';
import { REFUSAL_TEXTS } from '../../../domain/refusal-texts';
import { cancelBooking, type CancellationRequest } from '../../../temporal/contracts/booking';
import { requireCancellation } from '../../messages/operator-updates';
import { receiveUpdate } from '../../messages/receive';
import { refuse } from '../../messages/refuse';
import { isRestored } from '../../messages/shapes';
import { concurrentDatabase } from '../../shared/activities';
import type { BookingStateMachine, Cancel } from '../state-machine';

/** Accepts cancellations by the owner and by operators, until the last flight has left. */
export function receiveCancellations(booking: BookingStateMachine): void {
  receiveUpdate(cancelBooking, {
    takes: 1,
    validator: (cancellation: CancellationRequest) => {
      admitCancellation(booking, cancellation);
    },
    description:
      'Cancels the booking, and puts its seats back on sale. One that is paid for is refunded: in full for an operator, by its fare for its owner. Takes { requestedBy, asOperator, reason?, note?, expectedRefund? }: your ID, whether you act as an operator (true), why in words for the booking’s owner, and a note that only staff can read. An operator gives a reason, a note, or both.',
    handle: (cancellation) =>
      CancellationScope.nonCancellable(() => answerCancellation(booking, cancellation)),
  });
}

/** @throws ApplicationFailure when the booking can't be cancelled now, or not by this caller. */
function admitCancellation(booking: BookingStateMachine, cancellation: CancellationRequest): void {
  requireCancellation(cancellation);
  const { requestedBy, asOperator, expectedRefund } = cancellation;
  if (!asOperator && requestedBy !== booking.request.customerId) {
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  }
  if (booking.status === 'booked') {
    if (!booking.staysOpen) refuse('booking_not_cancellable', REFUSAL_TEXTS.isPaidFor);
    if (booking.isEnding) refuse('booking_not_cancellable', REFUSAL_TEXTS.hasDeparted);
  }
  const { business } = booking;
  if (business?.kind === 'change') {
    refuse('change_in_progress', REFUSAL_TEXTS.changeInProgress);
  }
  if (business !== undefined && business.kind !== 'cancel') {
    refuse('payment_in_progress', REFUSAL_TEXTS.paymentInProgress);
  }
  if (isUnpaid(booking) && expectedRefund !== undefined && !isNothing(booking, expectedRefund)) {
    refuse('quote_changed', 'The booking is unpaid: nothing would go back.');
  }
}

/**
 * Whether it is known that nobody has paid. A run that was restored is of a sale, also while it has
 * not read it: what goes back is checked in the database.
 */
function isUnpaid(booking: BookingStateMachine): boolean {
  return booking.isOpen && !isRestored(booking.request);
}

/** Whether the amount is what an unpaid booking refunds: nothing. */
function isNothing({ reservation }: BookingStateMachine, { amount, currency }: Money): boolean {
  const isOurCurrency =
    reservation?.outcome !== 'held' || reservation.booking.price.currency === currency;
  return amount === 0 && isOurCurrency;
}

/** Returns the booking once it is cancelled, even if another cancellation came first. */
async function answerCancellation(
  booking: BookingStateMachine,
  { requestedBy, asOperator, reason: said, note, expectedRefund }: CancellationRequest,
): Promise<Booking> {
  const reason = asOperator ? 'operator_request' : 'customer_request';
  if (asOperator) {
    const why = [said, note].filter((text) => text !== undefined).join(' · ');
    booking.timeline.note(`Operator ${requestedBy} cancels the booking${why && `: ${why}`}`);
  }
  const cancel: Cancel = {
    kind: 'cancel',
    reason,
    actor: requestedBy,
    ...(said === undefined ? {} : { said }),
    ...(note === undefined ? {} : { note }),
    ...(expectedRefund === undefined ? {} : { expectedRefund }),
  };
  booking.decide(cancel);
  await condition(() => !booking.isOpen);
  if (booking.status === 'booked') {
    // A run of an earlier release, that was started again after its end.
    if (!booking.staysOpen) refuse('booking_not_cancellable', REFUSAL_TEXTS.isPaidFor);
    await booking.untilCarriedOut(cancel);
  }
  if (booking.cancelled !== undefined) return booking.cancelled;
  if (booking.passingRefusal !== undefined)
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  // A booking that never got seats was not released. Releasing it changes nothing, and returns it.
  const requestedAt = workflowInfo().startTime.toISOString();
  return concurrentDatabase.releaseSeats(booking.reservationRequest, {
    reason,
    actor: requestedBy,
    requestedAt,
  });
}
