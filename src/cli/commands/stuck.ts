import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { findStuck } from '../../operations/stuck/stuck';
import { describeStuck } from '../describe-stuck';

export const addStuck: AddCommand = ({ program, systems, say }) => {
  program
    .command('stuck')
    .description('lists everything that makes no progress, and what to do about it')
    .option(...JSON_OPTION)
    .action(async (format: Format) => {
      const stuck = await systems.withDatabase((db) =>
        systems.withTemporal((temporal) => findStuck({ db, ...temporal })),
      );
      say({ result: stuck, text: describeStuck(stuck), isFinding: stuck.length > 0 }, format);
    });
};
