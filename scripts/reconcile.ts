import { RECONCILIATION_WORKFLOW, type ReconciliationReport } from '../src/temporal/contracts';
import { runAsCommand } from './stack/command';
import { withTemporalClient } from './temporal-client';
import { describeViolations } from './violations';

/** npm run reconcile: runs a reconciliation now, and tells what it did; exits with 1 when a rule is broken or the payment provider disagrees. */
async function main(): Promise<void> {
  const report = await withTemporalClient((client, taskQueue) =>
    client.workflow.execute<() => Promise<ReconciliationReport>>(RECONCILIATION_WORKFLOW, {
      workflowId: 'reconciliation-by-hand',
      // One at a time is enough: whoever asks meanwhile gets the report of the one that runs.
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue,
      args: [],
    }),
  );
  console.log(
    `Released ${String(report.releasedHolds.length)} holds that no workflow looked after.`,
  );
  if (report.leftHolds.length > 0) console.log(`Left alone: ${report.leftHolds.join(', ')}`);
  console.log(`Saw to ${String(report.resumedRefunds.length)} payments that were open for long.`);
  console.log(
    `Heard of ${String(report.deliveredPayments.length)} payments whose news had not come.`,
  );
  for (const { kind, count, examples } of report.disagreements)
    console.log(`The provider disagrees: ${kind}, ${String(count)} (${examples.join(', ')})`);
  console.log(describeViolations(report.violations));
  if (report.violations.length + report.disagreements.length > 0) process.exitCode = 1;
}

runAsCommand(main);
