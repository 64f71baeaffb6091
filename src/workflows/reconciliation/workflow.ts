import { isCancellation, log, patched, proxyActivities } from '@temporalio/workflow';
import type { ReconciliationActivities } from '../../activities/reconciliation';
import {
  addViolations,
  type ReconciliationFailure,
  type ReconciliationPart,
  type ReconciliationReport,
  type ReconciliationRequest,
  type Violation,
} from '../../temporal/contracts/reconciliation';
import { passOverUnknownSignals } from '../messages/passed-over';
import { withSummaries } from '../shared/activities';
import { Timeline } from '../shared/timeline';
import { reconcileUntilAFailure } from './until-failure';

/** Each activity reads what is open, or changed. What fails is tried again by the schedule. */
const activities = withSummaries<
  Pick<
    ReconciliationActivities,
    | 'freeOverdueHolds'
    | 'restoreLostWorkflows'
    | 'tellOverdueBookings'
    | 'takeUpOpenPayments'
    | 'compareWithProvider'
    | 'auditEveryRule'
    | 'reportFailures'
  >
>(
  {
    freeOverdueHolds: 'Release holds past their deadline that no workflow handles',
    restoreLostWorkflows: 'Start workflows of sold bookings again that are not running',
    tellOverdueBookings: 'Tell bookings of schedule changes again that were not told',
    takeUpOpenPayments: 'Resume refunds and charges that no workflow handles',
    compareWithProvider: "Compare the provider's books with ours",
    auditEveryRule: 'Check every invariant',
    reportFailures: 'Count the failures in the metrics',
  },
  (summary) =>
    proxyActivities({ summary, startToCloseTimeout: '2m', retry: { maximumAttempts: 5 } }),
);

/**
 * By night, or by hand. A part of the audit takes a minute; the last one reads all workflows that
 * Temporal keeps.
 */
const AT_LENGTH = { startToCloseTimeout: '15m', retry: { maximumAttempts: 5 } } as const;

const { auditNextPart } = proxyActivities<Pick<ReconciliationActivities, 'auditNextPart'>>({
  ...AT_LENGTH,
  summary: 'Check every invariant, of everything, part by part',
});

const { compareWithProvider: compareDaysWithProvider } = proxyActivities<
  Pick<ReconciliationActivities, 'compareWithProvider'>
>({ ...AT_LENGTH, summary: "Compare two days of the provider's books with ours" });

/**
 * Repairs what failures left behind, then checks that all books agree. It frees seats that no
 * workflow looks after, starts lost workflows of sold bookings again, tells bookings of schedule
 * changes that were not told, resumes payments that are open, and delivers those that were never
 * reported.
 *
 * A part that fails is reported as failed, and the others still run. What can't be repaired safely
 * is counted.
 */
export async function reconciliationWorkflow(
  request: ReconciliationRequest = {},
): Promise<ReconciliationReport> {
  const timeline = new Timeline();
  passOverUnknownSignals(timeline);
  if (!patched('parts-fail-one-by-one')) return reconcileUntilAFailure(timeline);
  const run = new Run(timeline);
  await run.part('overdue_holds', freeOverdueHolds);
  const { auditsEverything = false, comparesDays = false } = request;
  if (patched('restores-lost-workflows'))
    await run.part('lost_workflows', (part) => restoreLostWorkflows(part, auditsEverything));
  if (patched('tells-overdue-bookings')) await run.part('schedule_changes', tellOverdueBookings);
  await run.part('open_payments', takeUpOpenPayments);
  await run.part('provider_comparison', (part) => compareWithProvider(part, comparesDays));
  await run.part('audit', auditsEverything ? auditEverything : auditEveryRule);
  if (run.report.failed.length > 0) await activities.reportFailures(run.report.failed);
  return run.report;
}

async function freeOverdueHolds({ report, timeline, fail }: Part): Promise<void> {
  const { released, left, failed } = await activities.freeOverdueHolds();
  report.releasedHolds = released;
  report.leftHolds = left;
  timeline.note(`Freed the seats of ${released.length} bookings that no workflow handled.`);
  failed.forEach(({ item, reason }) => fail(reason, item));
}

async function restoreLostWorkflows(
  { report, timeline, fail }: Part,
  comparesAll: boolean,
): Promise<void> {
  const { restored, failed } = await activities.restoreLostWorkflows(comparesAll);
  report.restoredWorkflows = restored;
  timeline.note(`Started ${restored.length} workflows of bookings again.`);
  failed.forEach(({ item, reason }) => fail(reason, item));
}

async function tellOverdueBookings({ report, timeline, fail }: Part): Promise<void> {
  const { told, failed } = await activities.tellOverdueBookings();
  report.toldBookings = told;
  timeline.note(`Told ${told.length} bookings of schedule changes again.`);
  failed.forEach(({ item, reason }) => fail(reason, item));
}

async function takeUpOpenPayments({ report, timeline, fail }: Part): Promise<void> {
  const { resumed, failed } = await activities.takeUpOpenPayments();
  report.resumedRefunds = resumed;
  timeline.note(`Resumed ${resumed.length} payments that no workflow handled.`);
  failed.forEach(({ item, reason }) => fail(reason, item));
}

async function compareWithProvider(
  { report, timeline, fail }: Part,
  comparesDays: boolean,
): Promise<void> {
  const { delivered, disagreements, failed } = await (comparesDays
    ? compareDaysWithProvider(true)
    : activities.compareWithProvider());
  report.deliveredPayments = delivered;
  report.disagreements = disagreements;
  timeline.note(`Delivered ${delivered.length} payments whose report was lost.`);
  for (const { kind, count, examples } of disagreements) {
    log.error('The payment provider and our books differ', { kind, count, examples });
    timeline.note(`The provider differs: ${kind}, ${count} (${examples.join(', ')}).`);
  }
  failed.forEach(({ item, reason }) => fail(reason, item));
}

async function auditEveryRule({ report, timeline, fail }: Part): Promise<void> {
  const { violations, failed } = await activities.auditEveryRule();
  noteViolations({ report, timeline }, violations);
  if (violations.length + failed.length === 0) timeline.note('All books agree.');
  failed.forEach(({ item, reason }) => fail(reason, item));
}

/** Keeps what earlier parts have found if a later one fails. */
async function auditEverything({ report, timeline, fail }: Part): Promise<void> {
  const parts: Violation[][] = [];
  let isComplete = true;
  try {
    let part = await auditNextPart(null);
    for (;;) {
      parts.push(part.violations);
      part.failed.forEach(({ item, reason }) => fail(reason, item));
      isComplete = isComplete && part.failed.length === 0;
      if (part.next === null) break;
      part = await auditNextPart(part.next);
    }
  } finally {
    noteViolations({ report, timeline }, addViolations(parts));
  }
  if (isComplete && report.violations.length === 0) timeline.note('All books agree.');
}

function noteViolations(
  { report, timeline }: Pick<Part, 'report' | 'timeline'>,
  violations: Violation[],
): void {
  report.violations = violations;
  for (const { invariant, count, examples } of violations) {
    log.error('The books violate an invariant', { invariant, count, examples });
    timeline.note(`Violated: ${invariant}, ${count} (${examples.join(', ')}).`);
  }
}

interface Part {
  report: ReconciliationReport;
  timeline: Timeline;
  fail: (reason: string, item: string | null) => void;
}

/** One run: what its parts did and found, and what failed. */
class Run {
  readonly report: ReconciliationReport = {
    releasedHolds: [],
    leftHolds: [],
    restoredWorkflows: [],
    toldBookings: [],
    resumedRefunds: [],
    deliveredPayments: [],
    disagreements: [],
    violations: [],
    failed: [],
  };

  constructor(private readonly timeline: Timeline) {}

  /** Runs one part. Its failure is noted, and stops no other part. */
  async part(part: ReconciliationPart, work: (part: Part) => Promise<void>): Promise<void> {
    const { report, timeline } = this;
    const fail = (reason: string, item: string | null) => this.fail({ part, item, reason });
    try {
      await work({ report, timeline, fail });
    } catch (failure) {
      if (isCancellation(failure)) throw failure;
      fail(reasonOf(failure), null);
    }
  }

  private fail(failure: ReconciliationFailure): void {
    const { part, item, reason } = failure;
    this.report.failed.push(failure);
    log.error('A part of reconciliation failed', { part, item, reason });
    this.timeline.note(`Failed: ${part}${item === null ? '' : ` (${item})`}: ${reason}`);
  }
}

/** Returns the message of a failed activity: the failure itself, inside Temporal's wrappers. */
function reasonOf(failure: unknown): string {
  let innermost = failure;
  while (innermost instanceof Error && innermost.cause instanceof Error)
    innermost = innermost.cause;
  return innermost instanceof Error ? innermost.message : String(innermost);
}
