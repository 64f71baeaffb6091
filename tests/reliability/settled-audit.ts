import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { audit } from '../../src/activities/audit';
import type { Db } from '../../src/db/connection';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';

/**
 * What is wrong with the books, and between books and workflows. What is just ending is no fault; a
 * fault stays, for this long at least.
 */
export async function auditWhenSettled(db: Db, temporal: Client, faultsStayMs: number) {
  const giveUpAt = Date.now() + faultsStayMs;
  for (;;) {
    const violations = await audit(db, createWorkflowLookup(temporal));
    if (violations.length === 0 || Date.now() > giveUpAt) return violations;
    await wait(500);
  }
}
