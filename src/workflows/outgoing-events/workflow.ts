import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { OutgoingEventActivities } from '../../activities/outgoing-events';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

/**
 * The activity looks for events for minutes. If its worker dies, that is noticed by the heartbeats
 * that it no longer sends, and another one goes on.
 */
const { announceOutgoingEvents } = withSummaries<OutgoingEventActivities>(
  { announceOutgoingEvents: 'Take events for webhook endpoints as they come, and send them' },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '10m',
      heartbeatTimeout: '5s',
      retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
    }),
);

/**
 * Has outgoing events sent, or announced to the workflows of webhook endpoints, for ever. One run at a time:
 * its schedule starts no other.
 */
export async function outgoingEventsWorkflow(): Promise<void> {
  passOverUnknownSignals(new Timeline());
  do await announceOutgoingEvents();
  while (!workflowInfo().continueAsNewSuggested);
  await continueAsNew();
}
