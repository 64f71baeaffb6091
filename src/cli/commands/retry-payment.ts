import { isAwaitingProvider } from '../../temporal/contracts/booking';
import { AS_OPTION, line } from '../arguments';
import { findBooking } from '../booking/find-booking';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeRetried, retryPayment } from '../money/payments';

export const addRetryPayment: AddCommand = ({ program, systems, say }) => {
  program
    .command('retry-payment <booking>')
    .description('asks the provider now about a card payment under way')
    .requiredOption('--note <text>', 'why, for the booking’s history', line)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async (which: string, { note, ...options }: Change & { note: string }) => {
      const retry = { requestedBy: options.as, note };
      const state = await systems.withSystem(
        async (system) => retryPayment(system, await findBooking(system, which), retry),
        { isChange: true, by: options.as },
      );
      const isFinding = isAwaitingProvider(state);
      say({ result: state, text: describeRetried(state), isFinding }, options);
    });
};
