import { Command } from 'commander';
import { version } from '../../package.json';
import type { AddCommand, Cli, Terminal } from './command';
import { addAudit } from './commands/audit';
import { addCancel } from './commands/cancel';
import { addErase } from './commands/erase';
import { addDisrupt } from './commands/disrupt';
import { addExtendSchedule } from './commands/extend-schedule';
import { addGate } from './commands/gate';
import { addLedger } from './commands/ledger';
import { addMigrate } from './commands/migrate';
import { addReconcile } from './commands/reconcile';
import { addRedo } from './commands/redo';
import { addReplayEvent } from './commands/replay-event';
import { addRetryPayment } from './commands/retry-payment';
import { addRetryRefund } from './commands/retry-refund';
import { addSeed } from './commands/seed';
import { addSettleRefund } from './commands/settle-refund';
import { addShow } from './commands/show';
import { addSold } from './commands/sold';
import { addStuck } from './commands/stuck';
import { addToken } from './commands/token';
import type { Systems } from './systems';

const GROUPS: [title: string, commands: AddCommand[]][] = [
  ['Look into bookings and money:', [addShow, addSold, addStuck, addAudit, addLedger]],
  [
    'Repair them:',
    [
      addReconcile,
      addRedo,
      addCancel,
      addDisrupt,
      addErase,
      addSettleRefund,
      addRetryRefund,
      addRetryPayment,
      addReplayEvent,
    ],
  ],
  ['Set up and deploy:', [addMigrate, addSeed, addExtendSchedule, addToken, addGate]],
];

const EXIT_CODES = `
Exit codes:
  0  done, and nothing was found
  1  something was found, refused, or failed: the output says what
  2  wrong usage

It acts on the system that DATABASE_URL and TEMPORAL_ADDRESS name. Where neither is set, or both name it, it
acts on the local stack that runs (npm run dev), and says so on stderr. It never falls back to the
local stack from another system, nor in production.`;

/** Creates the program with all its commands. Its `parseAsync` parses and runs one. */
export function createProgram(systems: Systems, terminal: Terminal, say: Cli['say']): Command {
  const program = new Command('flights')
    .description(
      'Operates Flight Bookings: looks into bookings, repairs them, sets up and deploys.',
    )
    .version(version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    })
    .showHelpAfterError('(--help lists the commands and options)')
    .addHelpText('after', EXIT_CODES);
  for (const [title, commands] of GROUPS) {
    program.commandsGroup(title);
    for (const add of commands) add({ program, systems, terminal, say });
  }
  return program;
}
