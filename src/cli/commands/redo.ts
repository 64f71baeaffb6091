import { instant } from '../arguments';
import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { describeRedone, redoSince } from '../redo';

export const addRedo: AddCommand = ({ program, systems, say }) => {
  program
    .command('redo')
    .description('after a restore of the database: has workflows do again what they did since')
    .requiredOption('--since <instant>', 'what the database was restored to', instant)
    .option(...JSON_OPTION)
    .action(async ({ since, ...format }: Format & { since: Date }) => {
      const redone = await systems.withSystem((system) => redoSince(system, since), {
        isChange: true,
      });
      say(
        { result: redone, text: describeRedone(redone), isFinding: redone.left.length > 0 },
        format,
      );
    });
};
