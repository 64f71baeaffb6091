import { database } from '../shared/activities';
import { refusalOf } from '../shared/refusals';
import { startRefundsOf } from '../shared/start-refunds';
import type { Acceptance } from './schedule-changes';
import type { BookingStateMachine } from './state-machine';

/** What a booking does about the schedule changes of its flights. */

/**
 * Reads what has changed, and cancels a booking that is not paid for: nobody has agreed to pay for
 * that. A payment that has begun meanwhile is finished first.
 */
export async function endIfUnpaid(booking: BookingStateMachine): Promise<void> {
  booking.scheduleChanges.isDue = false;
  const now = new Date().toISOString();
  const told = await booking.locally(database.tellOfScheduleChange(booking.request.bookingId, now));
  if (told.kind !== 'unpaid') return;
  if (booking.decision === undefined)
    booking.decide({ kind: 'cancel', reason: 'flight_cancelled', actor: 'airline' });
  // What becomes of the payment decides what is to be read then.
  else booking.scheduleChanges.isDue = true;
}

/** Reads what has changed, and offers it to the booking's owner. */
export async function offerScheduleChange(booking: BookingStateMachine): Promise<void> {
  // A schedule change that comes meanwhile is read again.
  booking.scheduleChanges.isDue = false;
  const now = new Date().toISOString();
  const told = await booking.locally(database.tellOfScheduleChange(booking.request.bookingId, now));
  switch (told.kind) {
    case 'offered':
      booking.offer(told);
      return;
    case 'settled':
      booking.settleOffer(told.booking);
      return;
    case 'unpaid':
      throw new Error('Bug: a sold booking is not paid for');
    default:
      throw new Error(`Bug: ${String(told satisfies never)} is no offer`);
  }
}

/** Accepts the new times for a person, unless a rule forbids it. */
export async function accept(booking: BookingStateMachine, acceptance: Acceptance): Promise<void> {
  const { by, scheduleChangeId } = acceptance;
  const now = new Date().toISOString();
  try {
    const accepted = await booking.locally(
      database.acceptScheduleChange(booking.request.bookingId, {
        by,
        now,
        ...(scheduleChangeId === undefined ? {} : { scheduleChangeId }),
      }),
    );
    booking.settleOffer(accepted);
    booking.timeline.note(
      by.kind === 'airline'
        ? `Operator ${by.id} accepts the new times.`
        : 'The customer accepts the new times.',
    );
    acceptance.booking = accepted;
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    acceptance.refusal = refusal;
  }
}

/** Carries out what follows when nobody has responded in time. */
export async function closeOffer(booking: BookingStateMachine): Promise<void> {
  const now = new Date().toISOString();
  const closed = await booking.locally(
    database.closeScheduleChange(booking.request.bookingId, now),
  );
  switch (closed.kind) {
    case 'cancelled': {
      booking.timeline.note('Nobody has responded in time: what was paid goes back.');
      booking.settleOffer(closed.sale.booking);
      return startRefundsOf(closed.sale);
    }
    case 'accepted':
      booking.timeline.note('Nobody has responded in time: the new times are accepted.');
      booking.settleOffer(closed.booking);
      return;
    case 'settled':
      booking.settleOffer(closed.booking);
      return;
    default:
      throw new Error(`Bug: ${String(closed satisfies never)} is no outcome`);
  }
}
