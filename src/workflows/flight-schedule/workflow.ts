import { patched, proxyActivities } from '@temporalio/workflow';
import type { FlightScheduleActivities } from '../../activities/flight-schedule/activities';
import type { FlightScheduleReport } from '../../temporal/contracts/flight-schedule';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';

/**
 * Days that one activity puts on sale, each in a few seconds. The days of a whole year are then
 * some fifty activities, and the history stays short.
 */
const DAYS_AT_ONCE = 7;

const activities = withSummaries<FlightScheduleActivities>(
  {
    findMissingDays: 'Look for days of the schedule that are not on sale yet',
    layOutDays: 'Put their flights on sale',
    deleteOldQuotes: 'Delete quotes of changes that were not used',
    archiveUnsoldSeats: 'Archive the unsold seats of flights that left a week ago',
  },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '30m',
      // A batch of flights takes 30 seconds at the most.
      heartbeatTimeout: '1m',
      // The next daily run begins anew, with one day more: this one ends before.
      scheduleToCloseTimeout: '20h',
      retry: { maximumInterval: '1m' },
    }),
);

/**
 * Extends the flight schedule: puts the days on sale that have come within reach since the last
 * run, usually one. After an outage, or on an empty database, these are all that are missing.
 *
 * Then archives the unsold seats of flights that have left, and deletes quotes of changes that were
 * not used, so that these tables do not grow with the past.
 */
export async function flightScheduleWorkflow(): Promise<FlightScheduleReport> {
  const timeline = new Timeline();
  passOverUnknownSignals(timeline);
  const missing = await activities.findMissingDays();
  if (missing.length === 0) timeline.note('Every day was on sale already.');
  const report: FlightScheduleReport = { days: [] };
  for (let first = 0; first < missing.length; first += DAYS_AT_ONCE) {
    const days = await activities.layOutDays(missing.slice(first, first + DAYS_AT_ONCE));
    report.days.push(...days);
    for (const { date, flightsAdded, seatsAdded } of days)
      timeline.note(`On sale: ${date}, ${flightsAdded} flights and ${seatsAdded} seats added.`);
  }
  if (patched('unsold-seats-are-archived')) {
    report.archived = await activities.archiveUnsoldSeats();
    const { flights, seats } = report.archived;
    timeline.note(`Archived ${seats} unsold seats of ${flights} flights that have left.`);
  }
  if (patched('old-quotes-are-deleted')) {
    report.deletedQuotes = await activities.deleteOldQuotes();
    timeline.note(`Deleted ${report.deletedQuotes} quotes of changes that were not used.`);
  }
  return report;
}
