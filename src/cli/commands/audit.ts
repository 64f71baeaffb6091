import { audit, auditEverythingInParts, type AuditPosition } from '../../activities/audit';
import type { Db } from '../../db/connection';
import { addViolations, type Violation } from '../../temporal/contracts/reconciliation';
import { createWorkflowLookup, type WorkflowLookup } from '../../temporal/clients/workflow-lookup';
import { JSON_OPTION, type AddCommand, type Format, type Terminal } from '../command';
import { describeViolations } from '../violations';

export const addAudit: AddCommand = ({ program, systems, terminal, say }) => {
  program
    .command('audit')
    .description('checks every invariant of bookings, seats and money that changed')
    .option('--full', 'of everything, page by page, however long that takes', false)
    .option(...JSON_OPTION)
    .action(async ({ full, ...format }: Format & { full: boolean }) => {
      const failed: { invariant: string; reason: string }[] = [];
      const onFailure = (invariant: string, reason: string) => {
        failed.push({ invariant, reason });
      };
      const violations = await systems.withDatabase((db) =>
        systems.withTemporal(({ client }) => {
          const workflows = createWorkflowLookup(client);
          return full
            ? auditEverything({ db, workflows, terminal, onFailure })
            : audit(db, workflows, onFailure);
        }),
      );
      const ok = violations.length + failed.length === 0;
      const text = [
        ...failed.map(({ invariant, reason }) => `Could not be checked: ${invariant} (${reason})`),
        describeViolations(violations, failed.length === 0),
      ].join('\n');
      say({ result: { ok, violations, ...(ok ? {} : { failed }) }, text, isFinding: !ok }, format);
    });
};

/** Often enough to tell someone who waits how far it is. */
const PART_MS = 10_000;

async function auditEverything({
  db,
  workflows,
  terminal,
  onFailure,
}: {
  db: Db;
  workflows: WorkflowLookup;
  terminal: Terminal;
  onFailure: (invariant: string, reason: string) => void;
}): Promise<Violation[]> {
  const parts: Violation[][] = [];
  let position: AuditPosition | null = null;
  do {
    const part = await auditEverythingInParts(db, workflows, position, {
      forMs: PART_MS,
      onFailure,
    });
    parts.push(part.violations);
    position = part.next;
    if (position !== null) terminal.complain(`Next: ${describePosition(position)}`);
  } while (position !== null);
  return addViolations(parts);
}

function describePosition(position: AuditPosition): string {
  if (position === 'workflows') return 'workflows';
  return [position.stage, ...position.after].join(' ');
}
