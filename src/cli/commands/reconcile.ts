import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { describeReconciliation, isClean, reconcileNow } from '../reconciliation';

export const addReconcile: AddCommand = ({ program, systems, say }) => {
  program
    .command('reconcile')
    .description('runs a reconciliation now: repairs what no workflow handles any more')
    .option(...JSON_OPTION)
    .action(async (format: Format) => {
      const report = await systems.withTemporal(
        ({ client, taskQueue }) => reconcileNow(client, taskQueue),
        { isChange: true },
      );
      const text = describeReconciliation(report);
      say({ result: report, text, isFinding: !isClean(report) }, format);
    });
};
