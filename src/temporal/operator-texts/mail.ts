import { buttons, operatorText, readOn, type OperatorText } from './operator-text';

/** The text of the workflow that has mails sent. It names nobody. */
export const MAIL_DELIVERY_TEXT: OperatorText = operatorText(
  'Sends mails to contacts of bookings',
  '**Mail delivery**: sends a mail to the contact of a booking when its seats are held, when it is booked, cancelled or changed, and when the airline changes its schedule. ' +
    'The mails are rows of the table `mails`, without names and addresses. One worker at a time sends them; another one takes over if it stops. _Current Details_ count what became of them.',
  '**What you may do**: nothing is needed, and it takes no updates. While the mail server is away, mails wait, and none is lost.',
  buttons({
    cancel: 'stops it; a worker starts it again within a minute.',
    terminate: 'does the same. A mail that was just being sent may be sent twice.',
    reset: 'has no effect on mails: what was sent is recorded.',
  }),
  readOn('npm run flights -- stuck'),
);
