import type { ScheduleChangeOrder } from '../contracts/schedule-change';
import {
  buttons,
  facts,
  formatInstant,
  operatorText,
  readOn,
  type OperatorText,
} from './operator-text';

/** Returns the text of a schedule change's workflow. `flightNumber` is of its flight, if known. */
export function scheduleChangeText(
  order: ScheduleChangeOrder,
  flightNumber: string | undefined,
): OperatorText {
  const { scheduleChangeId, flightId, kind, departureAt, arrivalAt, reason, requestedBy } = order;
  const flight = flightNumber ?? flightId;
  return operatorText(
    `Flight ${flight} is ${kind}`,
    'The airline changes a flight. This workflow takes it off sale or moves it, then tells every ' +
      'booking that has a seat on it. What becomes of a booking is decided in its own workflow; ' +
      `find them by \`ScheduleChangeId = '${scheduleChangeId}'\`.`,
    facts({
      Flight: flight,
      ...(departureAt === undefined ? {} : { 'New departure': formatInstant(departureAt) }),
      ...(arrivalAt === undefined ? {} : { 'New arrival': formatInstant(arrivalAt) }),
      Reason: reason,
      'Ordered by': requestedBy,
    }),
    buttons({
      cancel: 'changes nothing: a flight that is half dealt with would be worse.',
      terminate:
        'leaves the flight changed, and some bookings untold: start the same order again, with its key.',
      reset: 'runs its activities again; each finds its earlier result.',
    }),
    readOn('npm run flights -- stuck'),
  );
}
