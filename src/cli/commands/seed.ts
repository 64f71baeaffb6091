import { date, wholeNumber } from '../arguments';
import type { AddCommand } from '../command';
import { progressOn } from '../seed/progress';
import { seedSchedule } from '../seed/schedule';

export const addSeed: AddCommand = ({ program, systems, terminal }) => {
  program
    .command('seed')
    .description('adds the flights of the coming days that are missing')
    .option('--days <number>', 'how many days (default: SCHEDULE_DAYS, else 14)', wholeNumber)
    .option('--from <date>', 'the first day (default: today at the origins)', date)
    .action(async (options: { days?: number; from?: string }) => {
      const { scheduleDays, hasScenarios } = systems.target().config;
      await systems.withDatabase(
        (db) =>
          seedSchedule({
            db,
            days: scheduleDays,
            hasScenarios,
            ...options,
            onProgress: progressOn(terminal),
          }),
        { isChange: true },
      );
    });
};
