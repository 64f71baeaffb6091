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
} from '../../temporal/contracts/external-payment';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

/**
 * A batch takes a second, and longer while our own provider is slow. If its worker dies, that is
 * noticed by the heartbeats that it no longer sends, and the batch is repeated: all reports wait for
 * it.
 */
const activities = withSummaries<PaymentEventActivities>(
  { settlePaymentEvents: 'Record accepted reports of payments, or deliver them to their bookings' },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '30s',
      heartbeatTimeout: '5s',
      retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
    }),
);

/** Interval between two checks on events that were delivered to booking workflows. */
const LOOK_AGAIN_AFTER = '10s';

/** Reports that come within this time are handled together. */
const PAUSE = '200ms';

/**
 * Records payments whose reports were accepted: each is on record soon after, whatever becomes of
 * its booking's workflow. Ends when every report is on record.
 */
export async function paymentEventsWorkflow(): Promise<void> {
  /** How many reports were announced. */
  let announced = 0;
  setHandler(
    paymentEventAccepted,
    () => {
      announced += 1;
    },
    {
      description:
        'Not for people: sent by our API. Announces that a report of a payment was accepted. Takes nothing.',
    },
  );
  passOverUnknownSignals(new Timeline());
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      const before = announced;
      const { left } = await activities.settlePaymentEvents();
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<PaymentEventsWorkflow>();
      if (left === 'later') await condition(() => announced > before, LOOK_AGAIN_AFTER);
      // A report that was announced since the last look may not have been in it.
      else if (left === 'none' && announced === before) return;
      if (left !== 'more') await sleep(PAUSE);
    }
  });
}
