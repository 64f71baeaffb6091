import { auditPart, auditRecentBooks, type Position, type RuleFailed } from '../db/audit/auditor';
import { Findings } from '../db/audit/findings';
import type { Db } from '../db/connection';
import type { Violation } from '../temporal/contracts/reconciliation';
import type { WorkflowLookup } from '../temporal/clients/workflow-lookup';
import { Disagreements } from './workflow-comparison';

/**
 * Checks the invariants: in the books, what was changed since the last audit, and of small books
 * everything; between the books and the workflows, what is open and what ended since. Returns the
 * violations.
 *
 * @param onFailure Called for each check that failed; the rest is still checked. Without it the
 * first failure is thrown.
 */
export async function audit(
  db: Db,
  workflows: WorkflowLookup,
  onFailure?: RuleFailed,
): Promise<Violation[]> {
  const { violations, since } = await auditRecentBooks(db, onFailure);
  return [...violations, ...(await compareWorkflows(db, workflows, since, onFailure))];
}

/** Where a complete audit continues: in the books, then with the workflows. */
export type AuditPosition = Position | 'workflows';

/** A part of a complete audit, and where to continue; null at the end. */
export interface AuditPart {
  violations: Violation[];
  next: AuditPosition | null;
}

/**
 * Checks a part of everything, and stops soon after `forMs`. The last part compares all workflows
 * that Temporal keeps; it ends by itself.
 *
 * Safe to repeat, and to continue in another process.
 */
export async function auditEverythingInParts(
  db: Db,
  workflows: WorkflowLookup,
  from: AuditPosition | null,
  { forMs, onFailure }: { forMs: number; onFailure: RuleFailed },
): Promise<AuditPart> {
  if (from === 'workflows') {
    const violations = await compareWorkflows(db, workflows, undefined, onFailure);
    return { violations, next: null };
  }
  const { violations, next } = await auditPart(db, from, { forMs, onFailure });
  return { violations, next: next ?? 'workflows' };
}

const WITH_WORKFLOWS = 'bookings and their workflows agree';

async function compareWorkflows(
  db: Db,
  workflows: WorkflowLookup,
  since: Date | undefined,
  onFailure?: RuleFailed,
): Promise<Violation[]> {
  const findings = new Findings(onFailure);
  try {
    await new Disagreements(db, workflows, findings).find(since);
  } catch (error) {
    if (onFailure === undefined) throw error;
    findings.fail(WITH_WORKFLOWS, error instanceof Error ? error.message : String(error));
  }
  return findings.violations;
}
