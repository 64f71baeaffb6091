import type { BookingScheduleChange } from '../../domain/booking';
import type { ScheduleChangeAction, ScheduleChangeKind } from '../../domain/schedule-change';
import { automaticAction, isSignificant } from '../../domain/schedule-change-offer';
import { itineraryText, type SliceText } from './itinerary-text';

/** What the airline has changed, and what can be done about it, in words. */
export interface ScheduleChangeText {
  what: string;
  /** What the customer can do; none where nothing is left to decide. */
  choices: string[];
  respondBy: string;
  /** What happens when nobody responds. */
  otherwise: string;
  before: SliceText[];
}

/** Puts a schedule change of a booking into words; `moment` formats instants. */
export function scheduleChangeText(
  { kind, before, after, availableActions, respondBy }: BookingScheduleChange,
  moment: (instant: string) => string,
): ScheduleChangeText {
  const isRefunded = isSignificant(before, after);
  return {
    what: whatText(kind),
    choices: availableActions.map((action) => choiceText(action, isRefunded)),
    respondBy: moment(respondBy),
    otherwise: otherwiseText(automaticAction(isRefunded)),
    before: itineraryText(before),
  };
}

function whatText(kind: ScheduleChangeKind): string {
  switch (kind) {
    case 'cancelled':
      return 'The airline has cancelled a flight of your booking. We are sorry.';
    case 'moved':
      return 'The airline has changed the times of a flight of your booking. We are sorry.';
    default:
      throw new Error(`Bug: ${String(kind satisfies never)} is no kind of schedule change`);
  }
}

/** What is refunded by law: everything before the first departure, then the flights not used. */
const REFUND = 'a refund of every flight that you have not used';

function choiceText(action: ScheduleChangeAction, isRefunded: boolean): string {
  switch (action) {
    case 'accept':
      return 'keep your booking with the new times';
    case 'change':
      return 'change to other flights';
    case 'cancel':
      return isRefunded
        ? `cancel your booking, with ${REFUND}`
        : 'cancel your booking, under the rules of your fare';
    default:
      throw new Error(`Bug: ${String(action satisfies never)} is no action`);
  }
}

function otherwiseText(action: 'accept' | 'cancel'): string {
  switch (action) {
    case 'accept':
      return 'If you do nothing, your booking stays, with the new times.';
    case 'cancel':
      return `If you do nothing, we cancel your booking then, with ${REFUND}.`;
    default:
      throw new Error(`Bug: ${String(action satisfies never)} is no action`);
  }
}
