import { buttons, operatorText, readOn, type OperatorText } from './operator-text';

/** The text of a reconciliation, started by the schedule or by hand. */
export const RECONCILIATION_TEXT: OperatorText = operatorText(
  'Closes what fell between the cracks',
  '**Reconciliation**: frees seats that no workflow looks after any more, takes up refunds and charges that are stuck, brings the news of payments that got lost, and checks that all books agree. ' +
    'It repairs only what is safe, and touches no booking whose workflow runs. _Current Details_ tell what it did; its result names every booking and payment.',
  '**What you may do**: nothing is needed, and it takes no updates. `npm run flights -- reconcile` runs it now. What it finds broken, or otherwise at the provider, is for people: see the runbook.',
  buttons({
    cancel:
      'stops it after the activity that runs: the schedule runs it again within half an hour.',
    terminate: 'does the same.',
    reset: 'runs its activities again, on the books as they are then.',
  }),
  readOn('npm run flights -- stuck'),
);
