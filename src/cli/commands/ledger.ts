import { journalOfBooking, totalsOfDay } from '../../db/ledger/ledger-view';
import { date } from '../arguments';
import { JSON_OPTION, type AddCommand, type Format } from '../command';
import { formatRows } from '../format';

export const addLedger: AddCommand = ({ program, systems, say }) => {
  program
    .command('ledger')
    .description("lists what was posted to the ledger, in the currency's minor unit")
    .option('--day <date>', 'by account, on this day in UTC (default: today)', date)
    .option('--booking <booking>', 'or line by line, for a booking by reference or ID')
    .option(...JSON_OPTION)
    .action(async (options: Format & { day?: string; booking?: string }) => {
      const { booking, day = new Date().toISOString().slice(0, 10) } = options;
      const rows = await systems.withDatabase<object[]>((db) =>
        booking === undefined ? totalsOfDay(db, day) : journalOfBooking(db, booking),
      );
      const nothing = `Nothing was posted ${booking === undefined ? `on ${day}` : 'for this booking'}.`;
      say({ result: rows, text: rows.length === 0 ? nothing : formatRows(rows) }, options);
    });
};
