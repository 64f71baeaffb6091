import { date } from '../arguments';
import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { describeSold, findSold } from '../sold';

export const addSold: AddCommand = ({ program, systems, say }) => {
  program
    .command('sold <flight>')
    .description('lists what is sold on a flight now, by flight ID or number')
    .option('--date <date>', 'of its departure, local at the origin', date)
    .option(...JSON_OPTION)
    .action(async (flight: string, options: Format & { date?: string }) => {
      const sold = await systems.withDatabase((db) => findSold(db, flight, options.date));
      say({ result: sold, text: describeSold(sold) }, options);
    });
};
