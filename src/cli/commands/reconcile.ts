import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { describeReconciliation, isClean, reconcileNow } from '../reconciliation';

export const addReconcile: AddCommand = ({ program, systems, say }) => {
  program
    .command('reconcile')
    .description('runs a reconciliation now: repairs what no workflow handles any more')
    .option('--full', 'audit everything, however long that takes', false)
    .option(...JSON_OPTION)
    .action(async ({ full, ...format }: Format & { full: boolean }) => {
      const request = { auditsEverything: full, comparesDays: true };
      const report = await systems.withTemporal(
        ({ client, taskQueue }) => reconcileNow(client, taskQueue, request),
        { isChange: true },
      );
      const text = describeReconciliation(report);
      say({ result: report, text, isFinding: !isClean(report) }, format);
    });
};
