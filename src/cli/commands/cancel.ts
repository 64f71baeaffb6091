import { readBooking } from '../../db/bookings/booking-view';
import { readSale } from '../../db/bookings/cancellation-view';
import { createBookingWorkflows } from '../../temporal/clients/bookings';
import { cancelBooking } from '../../temporal/clients/cancel-booking';
import { AS_OPTION, line } from '../arguments';
import { findBooking } from '../booking/find-booking';
import { JSON_OPTION, type AddCommand, type Change } from '../command';

interface Options extends Change {
  reason: string;
  note?: string;
}

export const addCancel: AddCommand = ({ program, systems, say }) => {
  program
    .command('cancel <booking>')
    .description('cancels a booking as the airline, with a full refund')
    .requiredOption('--reason <text>', 'why; the booking’s owner can read it', line)
    .option('--note <text>', 'a note that only staff can read', line)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async (which: string, { reason, note, ...options }: Options) => {
      const caller = { id: options.as, isOperator: true };
      const cancelled = await systems.withSystem(
        async (system) => {
          const { db, client, taskQueue } = system;
          const booking = await findBooking(system, which);
          return cancelBooking(
            {
              workflows: createBookingWorkflows(client, taskQueue),
              readBooking: (id) => readBooking(db, id),
              readSale: (id) => readSale(db, id),
            },
            { caller, booking, reason, note },
          );
        },
        { isChange: true, by: options.as },
      );
      const { passengers: _, ...result } = cancelled;
      const { reference, status, refund } = cancelled;
      const money = refund === null ? 'nothing is owed' : `refund ${refund.status}`;
      say({ result, text: `${reference} is ${status}; ${money}.` }, options);
    });
};
