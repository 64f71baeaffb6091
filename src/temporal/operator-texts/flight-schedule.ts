import { buttons, operatorText, readOn, type OperatorText } from './operator-text';

/** The text of an extension of the flight schedule, started by the schedule or by hand. */
export const FLIGHT_SCHEDULE_TEXT: OperatorText = operatorText(
  'Puts the flights of the next days on sale',
  '**Flight schedule**: puts the flights of those days on sale that have come within `SCHEDULE_DAYS` of today, usually one day. ' +
    'It adds flights only to days that were never put on sale completely. A flight that was changed or deleted stays as it is. Then it archives the seats that nobody bought of flights that left a week ago. _Current Details_ tell what was added; the result names every day.',
  '**What you may do**: nothing is needed, and it takes no updates. `npm run flights -- extend-schedule` runs it now.',
  buttons({
    cancel: 'stops it after the flights that it is adding: the next run goes on, a day later.',
    terminate: 'does the same.',
    reset: 'runs its activities again; each flight is added once.',
  }),
  readOn('npm run flights -- extend-schedule'),
);
