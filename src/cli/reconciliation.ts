import type { Client } from '@temporalio/client';
import {
  RECONCILIATION_WORKFLOW,
  type ReconciliationFailure,
  type ReconciliationPart,
  type ReconciliationReport,
  type ReconciliationRequest,
} from '../temporal/contracts/reconciliation';
import { RECONCILIATION_TEXT } from '../temporal/operator-texts/reconciliation';
import { describeViolations } from './violations';

/** Runs a reconciliation now, and waits for its report. */
export async function reconcileNow(
  client: Client,
  taskQueue: string,
  request: ReconciliationRequest,
): Promise<ReconciliationReport> {
  return client.workflow.execute<(request: ReconciliationRequest) => Promise<ReconciliationReport>>(
    RECONCILIATION_WORKFLOW,
    {
      workflowId: 'reconciliation-by-hand',
      // One at a time is enough: a second caller gets the report of the run under way.
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue,
      args: [request],
      ...RECONCILIATION_TEXT,
    },
  );
}

/**
 * Whether no invariant is violated, the provider's books agree, and every part did all of its work.
 */
export function isClean({ violations, disagreements, failed }: ReconciliationReport): boolean {
  return violations.length + disagreements.length + failed.length === 0;
}

const PARTS: Record<ReconciliationPart, string> = {
  overdue_holds: 'releasing overdue holds',
  lost_workflows: 'starting lost workflows again',
  schedule_changes: 'telling bookings of schedule changes',
  open_payments: 'resuming open payments',
  provider_comparison: 'comparing with the provider',
  audit: 'checking the invariants',
};

function describeFailure({ part, item, reason }: ReconciliationFailure): string {
  return `FAILED: ${PARTS[part]}${item === null ? '' : ` (${item})`}: ${reason}`;
}

/** Describes what a reconciliation did and found. */
export function describeReconciliation(report: ReconciliationReport): string {
  const { releasedHolds, leftHolds, resumedRefunds, deliveredPayments } = report;
  const { restoredWorkflows = [], toldBookings = [] } = report;
  return [
    `Released ${String(releasedHolds.length)} holds that no workflow handled.`,
    ...(leftHolds.length > 0 ? [`Left alone: ${leftHolds.join(', ')}`] : []),
    `Started ${String(restoredWorkflows.length)} workflows of bookings again.`,
    `Told ${String(toldBookings.length)} bookings of schedule changes again.`,
    `Resumed ${String(resumedRefunds.length)} payments that no workflow handled.`,
    `Delivered ${String(deliveredPayments.length)} payments whose report was lost.`,
    ...report.disagreements.map(
      ({ kind, count, examples }) =>
        `The provider disagrees: ${kind}, ${String(count)} (${examples.join(', ')})`,
    ),
    ...report.failed.map(describeFailure),
    describeViolations(report.violations, report.failed.length === 0),
  ].join('\n');
}
