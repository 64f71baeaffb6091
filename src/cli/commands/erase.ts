import { eraseCustomer } from '../../db/personal-data/erase';
import { erasableBefore, MIN_PERSONAL_DATA_DAYS } from '../../domain/retention';
import { line } from '../arguments';
import { JSON_OPTION, type AddCommand, type Format } from '../command';

export const addErase: AddCommand = ({ program, systems, say }) => {
  program
    .command('erase')
    .description('erases the personal data of a customer’s bookings; the books stay')
    .argument('<customer>', 'the ID of the customer, as tokens have it', line)
    .option(...JSON_OPTION)
    .action(async (customer: string, options: Format) => {
      const requestedAt = new Date();
      const result = await systems.withDatabase(
        (db) => eraseCustomer(db, customer, { requestedAt, before: erasableBefore(requestedAt) }),
        { isChange: true },
      );
      const { erased, waiting } = result;
      const later =
        waiting === 0
          ? 'No other booking of theirs has any.'
          : `${String(waiting)} that are open, or departed less than ${String(MIN_PERSONAL_DATA_DAYS)} days ago, are erased by the daily run as soon as they may be.`;
      say(
        { result, text: `Erased the personal data of ${String(erased)} bookings. ${later}` },
        options,
      );
    });
};
