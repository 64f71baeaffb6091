import { log, proxyActivities } from '@temporalio/workflow';
import type { ReconciliationActivities } from '../../activities/reconciliation';
import type { ReconciliationReport } from '../../temporal/contracts';
import { withSummaries } from '../shared/activities';
import type { Timeline } from '../shared/timeline';

/** Each activity reads all of the books at most. A run that fails is repeated by the schedule. */
const activities = withSummaries<
  Pick<
    ReconciliationActivities,
    | 'findOverdueHolds'
    | 'releaseOverdueHold'
    | 'resumeRefunds'
    | 'compareWithProvider'
    | 'auditEverything'
  >
>(
  {
    findOverdueHolds: 'Look for seats that are held past their deadline',
    releaseOverdueHold: 'Put them back on sale, if no workflow is there to do it',
    resumeRefunds: 'Take up refunds and charges that nobody looks after',
    compareWithProvider: "Compare the provider's books with ours",
    auditEverything: 'Check every invariant',
  },
  (summary) =>
    proxyActivities({ summary, startToCloseTimeout: '2m', retry: { maximumAttempts: 5 } }),
);

/**
 * Reconciliation as it was before each part could fail on its own. Runs that began this way are
 * replayed, and end, this way.
 */
export async function reconcileUntilAFailure(timeline: Timeline): Promise<ReconciliationReport> {
  const releasedHolds: string[] = [];
  const leftHolds: string[] = [];
  for (const bookingId of await activities.findOverdueHolds()) {
    const isReleased = await activities.releaseOverdueHold(bookingId);
    (isReleased ? releasedHolds : leftHolds).push(bookingId);
  }
  timeline.note(`Freed the seats of ${releasedHolds.length} bookings that nobody looked after.`);
  const resumedRefunds = await activities.resumeRefunds();
  timeline.note(`Saw to ${resumedRefunds.length} payments that were open for long.`);
  const { delivered: deliveredPayments, disagreements } = await activities.compareWithProvider();
  timeline.note(`Delivered ${deliveredPayments.length} payments whose report had not come.`);
  for (const { kind, count, examples } of disagreements) {
    log.error('The payment provider has it otherwise than we do', { kind, count, examples });
    timeline.note(`The provider has it otherwise: ${kind}, ${count} (${examples.join(', ')}).`);
  }
  const violations = await activities.auditEverything();
  for (const { invariant, count, examples } of violations) {
    log.error('The books break a rule', { invariant, count, examples });
    timeline.note(`Broken: ${invariant}, ${count} (${examples.join(', ')}).`);
  }
  if (violations.length === 0) timeline.note('All books agree.');
  return {
    releasedHolds,
    leftHolds,
    resumedRefunds,
    deliveredPayments,
    disagreements,
    violations,
    failed: [],
  };
}
