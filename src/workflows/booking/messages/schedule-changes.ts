import { CancellationScope, condition } from '@temporalio/workflow';
import type { Booking } from '../../../domain/booking';
import { REFUSAL_TEXTS } from '../../../domain/refusal-texts';
import {
  acceptScheduleChange,
  scheduleChanged,
  type ScheduleChangeAcceptance,
} from '../../../temporal/contracts/schedule-change';
import { requireAcceptance } from '../../messages/operator-updates';
import { receiveSignal, receiveUpdate } from '../../messages/receive';
import { refuse } from '../../messages/refuse';
import { isScheduleChangeNotice } from '../../messages/shapes';
import type { BookingStateMachine } from '../state-machine';

/** Takes notices of schedule changes, and what the booking's owner accepts of them. */
export function receiveScheduleChanges(booking: BookingStateMachine): void {
  receiveSignal<[{ scheduleChangeId: string }]>(scheduleChanged, {
    takes: 1,
    description:
      'Not for people: sent by the workflow of a schedule change, for each booking of its flight. Takes { scheduleChangeId }. To change a flight, use `flights disrupt`.',
    timeline: booking.timeline,
    accepts: isScheduleChangeNotice,
    handle: () => {
      booking.scheduleChanges.isDue = true;
    },
  });
  receiveUpdate(acceptScheduleChange, {
    takes: 1,
    validator: (acceptance: ScheduleChangeAcceptance) => {
      admitAcceptance(booking, acceptance);
    },
    description:
      'Accepts the new times of the booking’s flights. Takes { requestedBy, asOperator, scheduleChangeId? }: your ID, whether you act as an operator (true) for the booking’s owner, and the schedule change whose times you have seen, so that no other ones are accepted.',
    handle: (acceptance) =>
      CancellationScope.nonCancellable(() => answerAcceptance(booking, acceptance)),
  });
}

/** @throws ApplicationFailure when nothing can be accepted now, or not by this caller. */
function admitAcceptance(booking: BookingStateMachine, acceptance: ScheduleChangeAcceptance): void {
  requireAcceptance(acceptance);
  const { requestedBy, asOperator } = acceptance;
  if (!asOperator && requestedBy !== booking.request.customerId)
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  // A run that was restored reads first what it is about: then the acceptance waits.
  if (booking.reservation !== undefined) requireOpen(booking);
}

function requireOpen(booking: BookingStateMachine): void {
  const isOpen = booking.status === 'booked' && booking.staysOpen && !booking.isEnding;
  if (!isOpen) refuse('schedule_change_closed', REFUSAL_TEXTS.scheduleChangeClosed);
}

/** Returns the booking once the new times are accepted. */
async function answerAcceptance(
  booking: BookingStateMachine,
  { requestedBy: id, asOperator, scheduleChangeId }: ScheduleChangeAcceptance,
): Promise<Booking> {
  if (booking.reservation === undefined) {
    await booking.reserved.promise;
    requireOpen(booking);
  }
  const acceptance = booking.scheduleChanges.accept(
    { kind: asOperator ? 'airline' : 'customer', id },
    scheduleChangeId?.toLowerCase(),
  );
  await condition(
    () =>
      acceptance.booking !== undefined ||
      acceptance.refusal !== undefined ||
      booking.status !== 'booked' ||
      booking.isEnding,
  );
  if (acceptance.booking !== undefined) return acceptance.booking;
  if (acceptance.refusal !== undefined) throw acceptance.refusal;
  return refuse('schedule_change_closed', REFUSAL_TEXTS.scheduleChangeClosed);
}
