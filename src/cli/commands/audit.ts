import { audit } from '../../activities/audit';
import { createWorkflowLookup } from '../../temporal/workflow-lookup';
import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { describeViolations } from '../violations';

export const addAudit: AddCommand = ({ program, systems, say }) => {
  program
    .command('audit')
    .description('checks every invariant of bookings, seats and money')
    .option(...JSON_OPTION)
    .action(async (format: Format) => {
      const failed: { invariant: string; reason: string }[] = [];
      const violations = await systems.withDatabase((db) =>
        systems.withTemporal(({ client }) =>
          audit(db, createWorkflowLookup(client), (invariant, reason) =>
            failed.push({ invariant, reason }),
          ),
        ),
      );
      const ok = violations.length + failed.length === 0;
      const text = [
        ...failed.map(({ invariant, reason }) => `Could not be checked: ${invariant} (${reason})`),
        describeViolations(violations, failed.length === 0),
      ].join('\n');
      say({ result: { ok, violations, ...(ok ? {} : { failed }) }, text, isFinding: !ok }, format);
    });
};
