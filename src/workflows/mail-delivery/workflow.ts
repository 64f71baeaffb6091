import { continueAsNew, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { MailActivities } from '../../activities/mail/activities';
import type { MailDeliveryWorkflow } from '../../temporal/contracts/mail';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

/**
 * The activity sends mails for ten minutes, and then completes those under way. A worker that died
 * is noticed by its missing heartbeats.
 */
const activities = withSummaries<MailActivities>(
  { deliverMails: 'Send mails as they come' },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '15m',
      heartbeatTimeout: '5s',
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
    }),
);

/**
 * Has mails sent to contacts of bookings, by one worker at a time, for ever. A mail costs nothing
 * here: it is a row in the database.
 */
export async function mailDeliveryWorkflow(): Promise<void> {
  const timeline = new Timeline();
  passOverUnknownSignals(timeline);
  for (;;) {
    const counts = await activities.deliverMails();
    for (const [result, count] of Object.entries(counts))
      timeline.count(`Attempts to send a mail that ended as \`${result}\`.`, count);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<MailDeliveryWorkflow>();
  }
}
