import { date, days } from '../arguments';
import type { AddCommand } from '../command';
import { progressOn } from '../seed/progress';
import { DEFAULT_DAYS, seedSchedule } from '../seed/schedule';

export const addSeed: AddCommand = ({ program, systems, terminal }) => {
  program
    .command('seed')
    .description('adds the flights of the coming days that are missing')
    .option('--days <number>', 'how many days', days, DEFAULT_DAYS)
    .option('--from <date>', 'the first day (default: today at the origins)', date)
    .action(async (options: { days: number; from?: string }) => {
      await systems.withDatabase(
        (db) => seedSchedule({ db, ...options, onProgress: progressOn(terminal) }),
        { isChange: true },
      );
    });
};
