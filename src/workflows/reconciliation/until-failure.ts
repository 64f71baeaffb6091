import { log, proxyActivities } from '@temporalio/workflow';
import type { ReconciliationActivities } from '../../activities/reconciliation';
import type { ReconciliationReport } from '../../temporal/contracts/reconciliation';
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
    releaseOverdueHold: 'Release the hold, if no workflow handles it',
    resumeRefunds: 'Resume refunds and charges that no workflow handles',
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
  timeline.note(`Freed the seats of ${releasedHolds.length} bookings that no workflow handled.`);
  const resumedRefunds = await activities.resumeRefunds();
  timeline.note(`Resumed ${resumedRefunds.length} payments that no workflow handled.`);
  const { delivered: deliveredPayments, disagreements } = await activities.compareWithProvider();
  timeline.note(`Delivered ${deliveredPayments.length} payments whose report was lost.`);
  for (const { kind, count, examples } of disagreements) {
    log.error('The payment provider and our books differ', { kind, count, examples });
    timeline.note(`The provider differs: ${kind}, ${count} (${examples.join(', ')}).`);
  }
  const violations = await activities.auditEverything();
  for (const { invariant, count, examples } of violations) {
    log.error('The books violate an invariant', { invariant, count, examples });
    timeline.note(`Violated: ${invariant}, ${count} (${examples.join(', ')}).`);
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
