import { readSale } from '../../db/bookings/cancellation-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { ScheduleChangeWorkflows } from '../../temporal/clients/schedule-changes';
import type { Caller } from '../auth';
import { Problem, unavailable } from '../problem';

/** Whose new times are accepted, and those of which schedule change, if that was said. */
interface Accepting {
  caller: Caller;
  booking: Booking;
  scheduleChangeId: string | undefined;
}

/**
 * Accepts the new times of a booking, and returns it.
 *
 * Safe to retry: new times that a person has accepted stay accepted. Who says which schedule change is
 * meant accepts no later one.
 *
 * @throws Problem `schedule_change_not_found` when nothing was offered; `schedule_change_closed`
 * when it can't be accepted, or no longer, or another one is offered.
 */
export async function acceptNewTimes(
  { db, scheduleChanges }: { db: Db; scheduleChanges: ScheduleChangeWorkflows },
  { caller, booking, scheduleChangeId }: Accepting,
): Promise<Booking> {
  const { scheduleChange } = booking;
  if (scheduleChange === null || scheduleChange === undefined)
    throw new Problem('schedule_change_not_found', REFUSAL_TEXTS.noScheduleChange);
  if (scheduleChangeId !== undefined && scheduleChangeId !== scheduleChange.id)
    throw new Problem('schedule_change_closed', REFUSAL_TEXTS.anotherScheduleChange);
  // What is certain to be refused is refused here: each update is an event of its workflow.
  const isOpen = scheduleChange.availableActions.includes('accept');
  if (booking.status !== 'booked' || !(isOpen || scheduleChange.actionTaken === 'accepted'))
    throw closed();
  const sale = await readSale(db, booking.id);
  if (sale === undefined) throw new Error(`Bug: booking ${booking.id} is booked, and unpaid`);
  const acceptance = {
    requestedBy: caller.id,
    asOperator: caller.isOperator,
    ...(scheduleChangeId === undefined ? {} : { scheduleChangeId }),
  };
  const outcome = await scheduleChanges.accept({ booking, sale }, acceptance);
  switch (outcome.kind) {
    case 'completed':
      return outcome.result;
    case 'closed':
      throw closed();
    case 'no_result':
      throw unavailable(NOT_KNOWN_WHETHER_ACCEPTED);
    default:
      throw new Error(`Bug: ${String(outcome satisfies never)} is no outcome`);
  }
}

function closed(): Problem {
  return new Problem('schedule_change_closed', REFUSAL_TEXTS.scheduleChangeClosed);
}

const NOT_KNOWN_WHETHER_ACCEPTED =
  'It is not known yet whether the new times were accepted; send the same request again to learn.';
