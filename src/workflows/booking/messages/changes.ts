import { CancellationScope } from '@temporalio/workflow';
import { REFUSAL_TEXTS } from '../../../domain/refusal-texts';
import {
  beginAnew,
  changeBooking,
  type ChangeRequest,
  type ChangeResult,
} from '../../../temporal/contracts/change';
import { receiveUpdate } from '../../messages/receive';
import { checkAccepted, refuse } from '../../messages/refuse';
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
    handle: (change) => CancellationScope.nonCancellable(() => answer(booking, change)),
  });
  receiveUpdate(beginAnew, {
    takes: 0,
    validator: () => {
      if (booking.isChanging) refuse('change_in_progress', REFUSAL_TEXTS.changeInProgress);
    },
    description:
      'Not for people: sent by reconciliation, when the database has a change that this run has never heard of. Has the workflow begin anew from the database. Takes nothing. To have it sent, use `flights reconcile`.',
    handle: () => {
      booking.isBehind = true;
      return booking.state();
    },
  });
}

/** No await comes between the last check and the decision: no message is handled there. */
async function answer(booking: BookingStateMachine, change: ChangeRequest): Promise<ChangeResult> {
  if (booking.reservation === undefined) {
    await booking.reserved.promise;
    checkAccepted(() => {
      requireChangeable(booking);
    });
  }
  const attempt = new ChangeAttempt({ ...change, bookingId: booking.request.bookingId });
  booking.decide({ kind: 'change', attempt });
  const isOver = () => booking.status === 'cancelled' || booking.isEnding;
  const told = await attempt.toldToCaller(isOver);
  return told ?? refuse('booking_not_changeable', REFUSAL_TEXTS.notChangeable);
}

/**
 * What the database must say about it (the quote, the fare, the seats) is asked when the change is
 * made. A request may come before the workflow knows what it is about: a run that was restored reads
 * that first. Then the request waits.
 *
 * @throws ApplicationFailure when the booking can't be changed now, or not by this caller: nothing
 * was written.
 */
function admitChange(booking: BookingStateMachine, change: ChangeRequest): void {
  requireChange(change);
  const { asOperator, requestedBy } = change;
  if (!asOperator && requestedBy !== booking.request.customerId)
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  if (booking.reservation !== undefined) requireChangeable(booking);
}

/** @throws ApplicationFailure when the booking can't be changed, or not now. */
function requireChangeable(booking: BookingStateMachine): void {
  if (booking.business?.kind === 'change')
    refuse('change_in_progress', REFUSAL_TEXTS.changeInProgress);
  const isChangeable =
    booking.status === 'booked' &&
    booking.staysOpen &&
    !booking.isEnding &&
    booking.business === undefined;
  if (!isChangeable) refuse('booking_not_changeable', REFUSAL_TEXTS.notChangeable);
}
