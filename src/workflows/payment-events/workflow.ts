import {
  CancellationScope,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { PaymentEventActivities } from '../../activities/payment-events';
import {
  paymentEventAccepted,
  type PaymentEventsWorkflow,
} from '../../temporal/external-payment-contracts';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { moveWithBuilds } from '../shared/builds';
import { Timeline } from '../shared/timeline';

/**
 * A batch takes a second. A worker that died with one is noticed after this, and it is repeated.
 */
const activities = withSummaries<PaymentEventActivities>(
  { settlePaymentEvents: 'Record accepted reports of payments, or tell their bookings' },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '30s',
      retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
    }),
);

/** What a booking's workflow was told is looked at again after so long. */
const LOOK_AGAIN_AFTER = '10s';

/** Of reports that come in quick succession several are seen to at once. */
const PAUSE = '200ms';

/**
 * Sees to reports of payments that were accepted: each is on record soon after, whatever becomes
 * of the workflow of its booking. Ends when every report is on record.
 */
export async function paymentEventsWorkflow(): Promise<void> {
  /** How many reports were announced. */
  let announced = 0;
  setHandler(
    paymentEventAccepted,
    () => {
      announced += 1;
    },
    { description: 'Says that a report of a payment was accepted. Takes nothing.' },
  );
  passOverUnknownSignals(new Timeline());
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      const before = announced;
      const { left } = await activities.settlePaymentEvents();
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<PaymentEventsWorkflow>();
      if (left === 'later') await condition(() => announced > before, LOOK_AGAIN_AFTER);
      // A report that was announced since that look may not have been in it.
      else if (left === 'none' && announced === before) return;
      if (left !== 'more') await sleep(PAUSE);
    }
  });
}

// It may run for as long as reports keep coming: it moves to the newest build.
moveWithBuilds(paymentEventsWorkflow);
