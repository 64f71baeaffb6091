import { AS_OPTION, line, paymentId } from '../arguments';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeRefund, settleRefund } from '../money/refunds';

export const addSettleRefund: AddCommand = ({ program, systems, say }) => {
  program
    .command('settle-refund')
    .description('closes a refund, after the money was returned outside this system')
    .argument('<paymentId>', 'the payment that was returned', paymentId)
    .requiredOption('--note <text>', 'how the money was returned', line)
    .requiredOption(...AS_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, { note, ...options }: Change & { note: string }) => {
      const state = await systems.withSystem(
        (system) => settleRefund(system, id, { settledBy: options.as, note }),
        { isChange: true, by: options.as },
      );
      say({ result: state, text: describeRefund(state) }, options);
    });
};
