import { describeReconciliation, isClean, reconcileNow } from './ops/reconciliation';
import { runAsCommand } from './stack/command';
import { withTemporalClient } from './temporal-client';

/** npm run reconcile: runs a reconciliation now, and tells what it did; exits with 1 when a rule is broken or the payment provider disagrees. */
async function main(): Promise<void> {
  const report = await withTemporalClient(reconcileNow);
  console.log(describeReconciliation(report));
  if (!isClean(report)) process.exitCode = 1;
}

runAsCommand(main);
