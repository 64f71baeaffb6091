import {
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { WebhookActivities } from '../../activities/webhooks';
import {
  deliveriesDue,
  endpointIdOf,
  webhookTaskQueue,
  type WebhookEndpointWorkflow,
} from '../../temporal/contracts/webhook';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

/** Sends what is due for up to half a minute. A worker that dies is noticed by its heartbeats. */
function activities() {
  return withSummaries<WebhookActivities>(
    { deliverWebhooks: 'Send what is due to the endpoint' },
    (summary) =>
      proxyActivities({
        summary,
        taskQueue: webhookTaskQueue(workflowInfo().taskQueue),
        startToCloseTimeout: '2m',
        heartbeatTimeout: '5s',
        retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
      }),
  );
}

/** Delivers events to the webhook endpoint that its ID names, until nothing is left to deliver. */
export async function webhookEndpointWorkflow(): Promise<void> {
  /** How often deliveries were announced. */
  let announced = 0;
  setHandler(
    deliveriesDue,
    () => {
      announced += 1;
    },
    {
      description:
        'Not for people: sent by our workers and our API. Announces deliveries that are due. Takes nothing.',
    },
  );
  passOverUnknownSignals(new Timeline());
  const endpointId = endpointIdOf(workflowInfo().workflowId);
  const { deliverWebhooks } = activities();
  for (;;) {
    const before = announced;
    const { nextInMs } = await deliverWebhooks(endpointId);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<WebhookEndpointWorkflow>();
    // What was announced since the last look may not have been in it.
    if (announced > before) continue;
    if (nextInMs === null) return;
    await condition(() => announced > before, nextInMs);
  }
}
