import { buttons, operatorText, readOn, type OperatorText } from './operator-text';

/** The text of a run of retention, started by the schedule or by hand. */
export const RETENTION_TEXT: OperatorText = operatorText(
  'Erases personal data that are due',
  '**Retention**: blanks names, addresses, phones, dates of birth, loyalty numbers, metadata and stored responses of bookings, from 7 days after their last departure on. ' +
    'It does so for customers who have asked for it (`npm run flights -- erase`), and for all bookings once `PERSONAL_DATA_DAYS` have passed; 0 keeps them. What was sold and paid stays. The result counts the bookings.',
  '**What you may do**: nothing is needed, and it takes no updates. What is erased can’t be restored.',
  buttons({
    cancel: 'stops it after the bookings that it is erasing: the next run goes on, a day later.',
    terminate: 'does the same.',
    reset: 'runs its activity again; each booking is erased once.',
  }),
  readOn('npm run flights -- erase'),
);
