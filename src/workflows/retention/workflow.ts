import { proxyActivities } from '@temporalio/workflow';
import type { PersonalDataActivities } from '../../activities/personal-data/activities';
import type { RetentionReport } from '../../temporal/contracts/retention';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

const activities = withSummaries<PersonalDataActivities>(
  { erasePersonalData: 'Erase the personal data that are due' },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '12h',
      // A batch of bookings takes 30 seconds at the most, as does the search for the next.
      heartbeatTimeout: '2m',
      // The next daily run begins anew: this one ends before.
      scheduleToCloseTimeout: '20h',
      retry: { maximumInterval: '1m' },
    }),
);

/**
 * Erases personal data: of bookings whose customers have asked for it, and of those that departed
 * long enough ago.
 */
export async function retentionWorkflow(): Promise<RetentionReport> {
  const timeline = new Timeline();
  passOverUnknownSignals(timeline);
  const report = await activities.erasePersonalData();
  const { requested, departed } = report;
  timeline.note(
    `Erased the personal data of ${departed} bookings by age, and of ${requested} at their customers’ request.`,
  );
  return report;
}
