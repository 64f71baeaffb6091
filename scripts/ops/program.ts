import { Command } from 'commander';
import { audit } from '../../src/activities/audit';
import { cancelBooking } from '../../src/api/bookings/cancel';
import { createBookingWorkflows } from '../../src/api/bookings/booking-workflows';
import { createWorkflowLookup } from '../../src/temporal/workflow-lookup';
import { describeViolations } from '../violations';
import { amount, currency, date, line, madeBy, paymentId } from './arguments';
import {
  describeDossier,
  describeRefund,
  describeReplayed,
  describeRetried,
  describeStuck,
} from './describe';
import type { OpenDesk } from './desk';
import { readDossier } from './dossier';
import { findBooking } from './find-booking';
import { describeReconciliation, isClean, reconcileNow } from './reconciliation';
import { retryPayment } from './payments';
import { retryRefund, settleRefund } from './refunds';
import { replayEvent } from './replay-event';
import { describeSold, findSold } from './sold';
import { findStuck } from './stuck';

/** What a command has to say: to a script, and to a person. `isFinding` when there is something to see to. */
export interface Outcome {
  result: unknown;
  text: string;
  isFinding?: boolean;
}

type Say = (outcome: Outcome, format: { json: boolean }) => void;

interface Format {
  json: boolean;
}

interface Change extends Format {
  as: string;
}

/** The operators' commands, on a desk that is opened for each. */
export function createProgram(open: OpenDesk, say: Say): Command {
  const program = new Command('npm run ops --')
    .description(
      'Looks into bookings, and repairs them. Exits with 1 on a finding or a refusal, with 2 when misused.',
    )
    .exitOverride();
  const command = (name: string, description: string) =>
    program.command(name).description(description).option('--json', 'for scripts', false);
  addLooks(command, open, say);
  addRepairs((name, description) => madeBy(command(name, description)), open, say);
  return program;
}

type Add = (name: string, description: string) => Command;

/** Commands that change nothing, and the reconciliation, which repairs by itself. */
function addLooks(command: Add, open: OpenDesk, say: Say): void {
  command(
    'show <booking>',
    'a booking, by reference or ID: database, workflow and provider side by side',
  ).action(async (which: string, format: Format) => {
    const dossier = await open(async (desk) => readDossier(desk, await findBooking(desk, which)));
    const isFinding = dossier.disagreements.length > 0;
    say({ result: dossier, text: describeDossier(dossier), isFinding }, format);
  });

  command('sold <flight>', 'what is sold on a flight now, by its ID or its number')
    .option('--date <date>', 'of its departure, local at the origin', date)
    .action(async (flight: string, options: Format & { date?: string }) => {
      const sold = await open((desk) => findSold(desk, flight, options.date));
      say({ result: sold, text: describeSold(sold) }, options);
    });

  command('stuck', 'everything that should have moved on, and what to do about it').action(
    async (format: Format) => {
      const stuck = await open((desk) => findStuck(desk));
      say({ result: stuck, text: describeStuck(stuck), isFinding: stuck.length > 0 }, format);
    },
  );

  command('audit', 'checks every invariant').action(async (format: Format) => {
    const failed: { invariant: string; reason: string }[] = [];
    const violations = await open(({ db, client }) =>
      audit(db, createWorkflowLookup(client), (invariant, reason) =>
        failed.push({ invariant, reason }),
      ),
    );
    const ok = violations.length + failed.length === 0;
    const text = [
      ...failed.map(({ invariant, reason }) => `Could not be checked: ${invariant} (${reason})`),
      describeViolations(violations, failed.length === 0),
    ].join('\n');
    say({ result: { ok, violations, ...(ok ? {} : { failed }) }, text, isFinding: !ok }, format);
  });

  command('reconcile', 'closes now what fell between the cracks').action(async (format: Format) => {
    const report = await open(({ client, taskQueue }) => reconcileNow(client, taskQueue));
    const text = describeReconciliation(report);
    say({ result: report, text, isFinding: !isClean(report) }, format);
  });
}

/** Commands that change something, each by a message to a workflow, in the name of a person. */
function addRepairs(command: Add, open: OpenDesk, say: Say): void {
  command('cancel <booking>', 'cancels a booking as the airline: all of the money goes back')
    .requiredOption('--reason <text>', 'why, as its customer reads it', line)
    .option('--note <text>', 'what only staff read', line)
    .action(async (which: string, { reason, note, ...options }: CancelOptions) => {
      const caller = { id: options.as, isCustomer: false, isOperator: true };
      const cancelled = await open(async (desk) => {
        const { db, client, taskQueue } = desk;
        const booking = await findBooking(desk, which);
        const workflows = createBookingWorkflows(client, taskQueue);
        return cancelBooking({ db, workflows }, { caller, booking, reason, note });
      }, options.as);
      const { passengers: _, ...result } = cancelled;
      const { reference, status, refund } = cancelled;
      const money = refund === null ? 'nothing is owed' : `refund ${refund.status}`;
      say({ result, text: `${reference} is ${status}; ${money}.` }, options);
    });

  command('settle-refund', 'closes a refund that someone has given back by hand')
    .argument('<paymentId>', 'the payment that went back', paymentId)
    .requiredOption('--note <text>', 'how the money went back', line)
    .action(async (id: string, { note, ...options }: Change & { note: string }) => {
      const settlement = { settledBy: options.as, note };
      const state = await open((desk) => settleRefund(desk, id, settlement), options.as);
      say({ result: state, text: describeRefund(state) }, options);
    });

  command('retry-payment <booking>', 'asks the provider again, now, about a card payment under way')
    .requiredOption('--note <text>', 'why, for its history', line)
    .action(async (which: string, { note, ...options }: Change & { note: string }) => {
      const retry = { requestedBy: options.as, note };
      const state = await open(
        async (desk) => retryPayment(desk, await findBooking(desk, which), retry),
        options.as,
      );
      const isFinding = state.activity === 'paying';
      say({ result: state, text: describeRetried(state), isFinding }, options);
    });

  command('retry-refund', 'asks the provider again, now')
    .argument('<paymentId>', 'the payment that is to go back', paymentId)
    .requiredOption('--note <text>', 'why, for its history', line)
    .action(async (id: string, { note, ...options }: Change & { note: string }) => {
      const retry = { requestedBy: options.as, note };
      const state = await open((desk) => retryRefund(desk, id, retry), options.as);
      const isFinding = state.status === 'needs_operator';
      say({ result: state, text: describeRefund(state), isFinding }, options);
    });

  command('replay-event', 'brings the news of a captured payment that got lost')
    .requiredOption('--booking <booking>', 'its reference or ID', line)
    .requiredOption('--provider <name>', 'who took the money', line)
    .requiredOption('--payment <id>', 'the provider’s ID of the payment', line)
    .requiredOption('--amount <number>', 'in the minor unit, such as cents', amount)
    .requiredOption('--currency <code>', 'such as USD', currency)
    .action(async ({ booking, payment, ...options }: Replay) => {
      const { provider } = options;
      const recorded = await open(async (desk) => {
        const { id: bookingId } = await findBooking(desk, booking);
        const money = { amount: options.amount, currency: options.currency };
        return replayEvent(desk, { bookingId, provider, providerPaymentId: payment, ...money });
      }, options.as);
      say({ result: recorded, text: describeReplayed(recorded) }, options);
    });
}

interface CancelOptions extends Change {
  reason: string;
  note?: string;
}

interface Replay extends Change {
  booking: string;
  provider: string;
  payment: string;
  amount: number;
  currency: string;
}
