import { buttons, operatorText, readOn, type OperatorText } from './operator-text';

/** The text of a reconciliation, started by the schedule or by hand. */
export const RECONCILIATION_TEXT: OperatorText = operatorText(
  'Repairs what failures left behind',
  '**Reconciliation**: releases holds that no workflow handles, resumes refunds and charges that are stuck, delivers payments whose report was lost, and checks that all books agree. ' +
    'It repairs only what is safe, and no booking whose workflow is running. _Current Details_ show what it did; its result lists every booking and payment.',
  '**What you may do**: nothing is needed, and it takes no updates. `npm run flights -- reconcile` runs it now. Broken invariants and differences from the provider need an operator: see the runbook.',
  buttons({
    cancel: 'stops it after the current activity; the schedule runs it again within half an hour.',
    terminate: 'has the same effect.',
    reset: 'runs its activities again, on the current books.',
  }),
  readOn('npm run flights -- stuck'),
);
