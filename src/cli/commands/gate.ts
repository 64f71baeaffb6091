import { existsSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE_ROOT } from '../../package-root';
import { wholeNumber } from '../arguments';
import type { AddCommand } from '../command';
import { CommandFailure } from '../failure';
import type {
  Replayed,
  ReplayedRunning,
  replayRecorded,
  replayRunning,
  silenceReplays,
} from '../gate/replay';

interface Options {
  bundle: string;
  histories: string;
  recorded: boolean;
  pinned: boolean;
  sample: number;
}

interface Replay {
  silenceReplays: typeof silenceReplays;
  replayRecorded: typeof replayRecorded;
  replayRunning: typeof replayRunning;
}

/** A workflow that is pinned to a build stays there: it is replayed only if it is to be moved. */
export const addGate: AddCommand = ({ program, systems, say }) => {
  program
    .command('gate')
    .description(
      'replays workflows on this build, to check that it can be deployed; changes nothing',
    )
    .option('--bundle <file>', "the build's workflows", inPackage('dist/workflow-bundle.js'))
    .option('--histories <folder>', 'recorded histories', inPackage('tests/replay/histories'))
    .option('--recorded', 'replay the recorded histories alone: no Temporal is needed', false)
    .option(
      '--pinned',
      'also replay workflows that are pinned to another build, before they are moved',
      false,
    )
    .option(
      '--sample <number>',
      'how many running workflows to replay of each kind and age',
      wholeNumber,
      SAMPLED,
    )
    .action(async ({ bundle, histories, ...options }: Options) => {
      const codePath = existing(bundle, 'npm run build makes it');
      const folder = existing(histories, 'name another folder with --histories');
      // Temporal's worker takes long to load, and no other command needs it.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const replay = require('../gate/replay') as Replay;
      replay.silenceReplays();
      const recorded = await replay.replayRecorded(codePath, folder);
      const running = options.recorded
        ? undefined
        : await systems.withTemporal((temporal) =>
            replay.replayRunning(codePath, temporal, {
              target: systems.target(),
              withPinned: options.pinned,
              sampled: options.sample,
            }),
          );
      const failures = [...recorded.failures, ...(running?.failures ?? [])];
      const text = [
        ...failures.map(({ workflowId, reason }) => `${workflowId}: ${reason}`),
        `Recorded histories: ${describeReplayed(recorded)}`,
        ...(running === undefined ? [] : [describeRunning(running, options.pinned)]),
        ...(failures.length === 0 ? [] : [NOT_TO_BE_DEPLOYED]),
      ].join('\n');
      say({ result: { recorded, running }, text, isFinding: failures.length > 0 });
    });
};

/**
 * Running workflows of one kind that one release began are alike, and there may be very many: sold
 * bookings wait for months. So many of each kind and age take a minute.
 */
const SAMPLED = 100;

const NOT_TO_BE_DEPLOYED =
  'Not to be deployed. Put the change behind patched(…): see CONTRIBUTING.md.';

function describeReplayed({ count, failures }: Replayed): string {
  return `${String(count)} replayed, ${String(failures.length)} failed`;
}

function describeRunning(running: ReplayedRunning, withPinned: boolean): string {
  const { moving, staying } = running;
  const left = withPinned ? '' : `; ${String(staying)} stay on the build that they are on`;
  return `Workflows under way, a sample of ${String(moving)}: ${describeReplayed(running)}${left}.`;
}

function inPackage(name: string): string {
  return path.join(PACKAGE_ROOT, name);
}

/** @throws CommandFailure when there is no such file or folder. */
function existing(name: string, hint: string): string {
  const found = path.resolve(name);
  if (!existsSync(found)) throw new CommandFailure(`There is no ${found}: ${hint}.`);
  return found;
}
