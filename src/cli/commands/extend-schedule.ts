import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { describeExtension, extendScheduleNow } from '../schedule-extension';

export const addExtendSchedule: AddCommand = ({ program, systems, say }) => {
  program
    .command('extend-schedule')
    .description('has a worker extend the flight schedule now, instead of with the next daily run')
    .option(...JSON_OPTION)
    .action(async (format: Format) => {
      const report = await systems.withTemporal(
        ({ client, taskQueue }) => extendScheduleNow(client, taskQueue),
        { isChange: true },
      );
      say({ result: report, text: describeExtension(report) }, format);
    });
};
