import { CancellationScope } from '@temporalio/workflow';
import { REFUSAL_TEXTS } from '../../../domain/refusal-texts';
import { changeBooking, type ChangeRequest } from '../../../temporal/change-contracts';
import { receiveUpdate } from '../../messages/receive';
import { refuse } from '../../messages/refuse';
import { requireChange } from '../../messages/shapes';
import { ChangeAttempt } from '../change-attempt';
import type { BookingStateMachine } from '../state-machine';

/** Accepts changes of a sold booking, one at a time, until its first flight has left. */
export function receiveChanges(booking: BookingStateMachine): void {
  receiveUpdate(changeBooking, {
    takes: 1,
    validator: (change: ChangeRequest) => {
      admitChange(booking, change);
    },
    description:
      'Not for people: sent by our API. Exchanges flights of the booking by a quote. Takes { changeId, quoteId, requestedBy, asOperator, idempotencyKey, fingerprint, paymentMethod? }.',
    handle: (change) =>
      CancellationScope.nonCancellable(() => {
        const attempt = new ChangeAttempt({ ...change, bookingId: booking.request.bookingId });
        booking.decide({ kind: 'change', attempt });
        return attempt.toldToCaller();
      }),
  });
}

/**
 * What the database must say about it (the quote, the fare, the seats) is asked when the change is
 * made.
 *
 * @throws ApplicationFailure when the booking can't be changed now, or not by this caller: nothing
 * was written.
 */
function admitChange(booking: BookingStateMachine, change: ChangeRequest): void {
  requireChange(change);
  const { asOperator, requestedBy } = change;
  if (!asOperator && requestedBy !== booking.request.customerId)
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  if (booking.decision?.kind === 'change')
    refuse('change_in_progress', REFUSAL_TEXTS.changeInProgress);
  const isChangeable =
    booking.status === 'booked' &&
    booking.staysOpen &&
    !booking.isEnding &&
    booking.decision === undefined;
  if (!isChangeable) refuse('booking_not_changeable', REFUSAL_TEXTS.notChangeable);
}
