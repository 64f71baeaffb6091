import { parseArgs } from 'node:util';
import { audit } from '../src/activities/audit';
import { connect } from '../src/db/connection';
import { createWorkflowLookup } from '../src/temporal/workflow-lookup';
import { runAsCommand } from './stack/command';
import { databaseUrl } from './stack/database-url';
import { withTemporalClient } from './temporal-client';
import { describeViolations } from './violations';

/** npm run audit [-- --json]: checks every invariant; exits with 1 when one is broken, or could not be checked. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const db = connect(databaseUrl(), {
    applicationName: 'flight-bookings-audit',
    maxConnections: 2,
  });
  try {
    const failed: { invariant: string; reason: string }[] = [];
    const violations = await withTemporalClient((client) =>
      audit(db, createWorkflowLookup(client), (invariant, reason) =>
        failed.push({ invariant, reason }),
      ),
    );
    const ok = violations.length + failed.length === 0;
    for (const { invariant, reason } of failed)
      console.error(`Could not be checked: ${invariant} (${reason})`);
    console.log(
      values.json
        ? JSON.stringify({ ok, violations, ...(ok ? {} : { failed }) })
        : describeViolations(violations, failed.length === 0),
    );
    if (!ok) process.exitCode = 1;
  } finally {
    await db.destroy();
  }
}

runAsCommand(main);
