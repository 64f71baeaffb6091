import { proxyActivities } from '@temporalio/workflow';
import type { ProviderEventActivities } from '../../activities';
import {
  providerEventWorkflowId,
  type ProviderEvent,
} from '../../temporal/contracts/provider-event';
import { requireOwnId } from '../messages/identity';
import { passOverUnknownSignals } from '../messages/passed-over';
import { requireProviderEvent } from '../messages/shapes';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

/**
 * Each activity is one query of PostgreSQL or one message to Temporal. When either is unavailable,
 * the activity is retried until it is back.
 */
const activities = withSummaries<ProviderEventActivities>(
  {
    isProviderEventKnown: 'Check whether this event was handled before',
    deliverProviderEvent: 'Inform the booking, or start the refund',
    noteProviderEvent: 'Record that the event was handled',
  },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '10s',
      retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
    }),
);

/**
 * Handles one event of our payment provider, once, however often it is sent and in whatever order
 * with others.
 */
export async function providerEventWorkflow(event: ProviderEvent): Promise<void> {
  requireProviderEvent(event);
  requireOwnId(providerEventWorkflowId(event));
  passOverUnknownSignals(new Timeline());
  if (await activities.isProviderEventKnown(event)) return;
  await activities.deliverProviderEvent(event);
  // Last: until then, a repetition of the same event is delivered again.
  await activities.noteProviderEvent(event);
}
