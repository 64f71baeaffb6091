import { AS_OPTION, line, paymentId, REFUND_OPTION } from '../arguments';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeRefund, settleRefund } from '../money/refunds';

interface Options extends Change {
  note: string;
  refund?: string;
}

export const addSettleRefund: AddCommand = ({ program, systems, say }) => {
  program
    .command('settle-refund')
    .description('closes a refund, after the money was returned outside this system')
    .argument('<paymentId>', 'the payment that was returned', paymentId)
    .option(...REFUND_OPTION)
    .requiredOption('--note <text>', 'how the money was returned', line)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, { note, refund, ...options }: Options) => {
      const state = await systems.withSystem(
        (system) =>
          settleRefund(
            system,
            { paymentId: id, refundId: refund },
            { settledBy: options.as, note },
          ),
        { isChange: true, by: options.as },
      );
      say({ result: state, text: describeRefund(state) }, options);
    });
};
