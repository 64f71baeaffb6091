import { amount, AS_OPTION, currency, line } from '../arguments';
import { findBooking } from '../booking/find-booking';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeReplayed, replayEvent } from '../money/replay-event';

interface Options extends Change {
  booking: string;
  provider: string;
  payment: string;
  amount: number;
  currency: string;
}

export const addReplayEvent: AddCommand = ({ program, systems, say }) => {
  program
    .command('replay-event')
    .description('reports a captured payment whose own report was lost')
    .requiredOption('--booking <booking>', 'its reference or ID', line)
    .requiredOption('--provider <name>', 'the provider that captured the payment', line)
    .requiredOption('--payment <id>', 'the provider’s ID of the payment', line)
    .requiredOption('--amount <number>', 'in the minor unit, such as cents', amount)
    .requiredOption('--currency <code>', 'such as USD', currency)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async ({ booking, payment, ...options }: Options) => {
      const { provider } = options;
      const money = { amount: options.amount, currency: options.currency };
      const recorded = await systems.withSystem(
        async (system) => {
          const { id: bookingId } = await findBooking(system, booking);
          return replayEvent(system, {
            bookingId,
            provider,
            providerPaymentId: payment,
            ...money,
          });
        },
        { isChange: true, by: options.as },
      );
      say({ result: recorded, text: describeReplayed(recorded) }, options);
    });
};
