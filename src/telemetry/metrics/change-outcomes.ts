import { Counter, type Registry } from 'prom-client';
import type { BackgroundActivities, ChangeActivities, DatabaseActivities } from '../../activities';
import type { ScheduleChangeActivities } from '../../activities/schedule-change/activities';
import type {
  ClosedScheduleChange,
  offerActivities,
} from '../../activities/schedule-change/offers';
import type { Booking } from '../../domain/booking';
import type { ObserversOfAllBut } from './observed';
import { Recent } from './recent';

/** Some minutes of a busy worker: after that no activity is repeated any more. */
const REMEMBERED = 20_000;

type Activities = ChangeActivities &
  ReturnType<typeof offerActivities> &
  Pick<DatabaseActivities, 'cancelSale'> &
  BackgroundActivities &
  ScheduleChangeActivities;

/** The steps in between. */
type WithoutOutcome = 'startChangePayment' | 'tellBookings' | 'tellOfScheduleChange';

/**
 * Counts what becomes of changes and schedule changes, as the activities produce it. An activity
 * that the same worker repeats counts once.
 *
 * Counters begin with zero, so that a share of them is a number before the first.
 */
export function countChangeOutcomes(
  registry: Registry,
): ObserversOfAllBut<Activities, WithoutOutcome> {
  const registers = [registry];
  const changes = new Counter({
    name: 'booking_changes_total',
    help: 'Changes of bookings that reached a status; `declined` ones have failed, too.',
    labelNames: ['status'],
    registers,
  });
  const scheduleChanges = new Counter({
    name: 'schedule_changes_total',
    help: 'Flights that the airline cancelled or moved, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const responses = new Counter({
    name: 'schedule_change_responses_total',
    help: 'What became of schedule changes of booked bookings; automatic where nobody responded.',
    labelNames: ['response'],
    registers,
  });
  for (const status of STATUSES) changes.inc({ status }, 0);
  for (const kind of ['cancelled', 'moved']) scheduleChanges.inc({ kind }, 0);
  for (const response of RESPONSES) responses.inc({ response }, 0);

  const counted = new Recent<true>(REMEMBERED);
  const countChange = (changeId: string, status: (typeof STATUSES)[number]) => {
    if (counted.note(`${changeId} ${status}`, true)) changes.inc({ status });
  };
  const countResponse = (
    { id, scheduleChange }: Pick<Booking, 'id' | 'scheduleChange'>,
    response: (typeof RESPONSES)[number],
  ) => {
    if (counted.note(`${id} ${scheduleChange?.id ?? ''} ${response}`, true))
      responses.inc({ response });
  };
  const countClosed = (closed: ClosedScheduleChange) => {
    switch (closed.kind) {
      case 'accepted':
        countResponse(closed.booking, 'accepted_automatically');
        return;
      case 'cancelled':
        countResponse(closed.sale.booking, 'cancelled_automatically');
        return;
      case 'offered':
      case 'settled':
        return;
      default:
        throw new Error(`Bug: ${String(closed satisfies never)} is no outcome`);
    }
  };
  return {
    holdChange({ changeId }) {
      countChange(changeId, 'pending');
    },
    completeChange({ result }) {
      if (result.outcome !== 'completed') return;
      countChange(result.change.id, 'completed');
      if (result.change.booking.scheduleChange?.actionTaken === 'changed')
        countResponse(result.change.booking, 'changed');
    },
    declineChange(_, { changeId }) {
      countChange(changeId, 'declined');
    },
    failChange(isEnded, { changeId }) {
      if (isEnded) countChange(changeId, 'failed');
    },
    applyScheduleChange(_, { scheduleChangeId, kind }) {
      if (counted.note(scheduleChangeId, true)) scheduleChanges.inc({ kind });
    },
    acceptScheduleChange(booking) {
      countResponse(booking, 'accepted');
    },
    cancelSale({ booking }) {
      if (booking.scheduleChange?.actionTaken === 'cancelled') countResponse(booking, 'cancelled');
    },
    closeScheduleChange: countClosed,
    concludeScheduleChange: countClosed,
  };
}

const STATUSES = ['pending', 'completed', 'declined', 'failed'] as const;

const RESPONSES = [
  'accepted',
  'changed',
  'cancelled',
  'accepted_automatically',
  'cancelled_automatically',
] as const;
