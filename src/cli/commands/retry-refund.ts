import { AS_OPTION, line, paymentId } from '../arguments';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeRefund, retryRefund } from '../money/refunds';

export const addRetryRefund: AddCommand = ({ program, systems, say }) => {
  program
    .command('retry-refund')
    .description('asks the provider now to refund a payment')
    .argument('<paymentId>', 'the payment to refund', paymentId)
    .requiredOption('--note <text>', 'why, for the booking’s history', line)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, { note, ...options }: Change & { note: string }) => {
      const state = await systems.withSystem(
        (system) => retryRefund(system, id, { requestedBy: options.as, note }),
        { isChange: true, by: options.as },
      );
      const isFinding = state.status === 'needs_operator' || state.status === 'pending';
      say({ result: state, text: describeRefund(state), isFinding }, options);
    });
};
