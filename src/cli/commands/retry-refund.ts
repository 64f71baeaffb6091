import { AS_OPTION, line, paymentId, REFUND_OPTION } from '../arguments';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeRefund, retryRefund } from '../money/refunds';

interface Options extends Change {
  note: string;
  refund?: string;
}

export const addRetryRefund: AddCommand = ({ program, systems, say }) => {
  program
    .command('retry-refund')
    .description('asks the provider now to refund a payment')
    .argument('<paymentId>', 'the payment to refund', paymentId)
    .option(...REFUND_OPTION)
    .requiredOption('--note <text>', 'why, for the booking’s history', line)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, { note, refund, ...options }: Options) => {
      const state = await systems.withSystem(
        (system) =>
          retryRefund(
            system,
            { paymentId: id, refundId: refund },
            { requestedBy: options.as, note },
          ),
        { isChange: true, by: options.as },
      );
      const isFinding = state.status === 'needs_operator' || state.status === 'pending';
      say({ result: state, text: describeRefund(state), isFinding }, options);
    });
};
