import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  DefaultLogger,
  Runtime,
  Worker,
  type ReplayResult,
  type ReplayWorkerOptions,
} from '@temporalio/worker';
import { parseHistory } from '../tests/replay/recorded';
import { testWorkerDataConverter } from '../tests/support/encryption';
import { createEncryptionCodec } from '../src/temporal/encryption/codec';
import { createWorkerDataConverter } from '../src/temporal/encryption/data-converter';
import { runAsCommand } from './stack/command';
import { StackFailure } from './stack/failure';
import { ROOT } from './stack/settings';
import { temporalAddress } from './stack/temporal-address';
import { withTemporalClient } from './temporal-client';

/**
 * npm run gate [-- --bundle dist/workflow-bundle.js] [-- --recorded] [-- --pinned]: may this build be deployed? Replays on its workflows the recorded histories, and those
 * of the workflows under way that it would take over; exits with 1 when it could not carry on with one of them. Changes nothing.
 *
 * What is pinned to a build stays there, and is counted only; with `--pinned` it is replayed, too: for when its build has no workers left, and it is to be
 * moved. `--recorded` leaves the workflows under way out: for where no Temporal is in reach.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bundle: { type: 'string', default: path.join(ROOT, 'dist/workflow-bundle.js') },
      recorded: { type: 'boolean', default: false },
      pinned: { type: 'boolean', default: false },
    },
  });
  const codePath = path.resolve(values.bundle);
  if (!existsSync(codePath))
    throw new StackFailure(`There is no ${codePath}: npm run build makes it.`);
  // What a replay fails at is told once, by us.
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  });
  const bundle = { workflowBundle: { codePath } };

  const recorded = await replay(
    { ...bundle, dataConverter: testWorkerDataConverter },
    readRecorded(),
  );
  console.log(`Recorded histories: ${tell(recorded)}`);
  const live = values.recorded ? [] : await replayUnderWay(bundle, values.pinned);
  if ([...recorded, ...live].some(isFailure)) {
    console.log('Not to be deployed. Put the change behind patched(…): see CONTRIBUTING.md.');
    process.exitCode = 1;
  }
}

type Bundle = Pick<ReplayWorkerOptions, 'workflowBundle'>;
type Histories = Parameters<typeof Worker.runReplayHistories>[1];

async function replay(options: ReplayWorkerOptions, histories: Histories): Promise<ReplayResult[]> {
  const results: ReplayResult[] = [];
  for await (const result of Worker.runReplayHistories(options, histories)) {
    results.push(result);
    if (result.error !== undefined) console.log(`${result.workflowId}: ${reasonOf(result.error)}`);
  }
  return results;
}

/** One for each way that a booking, its cancellation or a refund can go: `npm run record-histories`. */
function readRecorded(): Histories {
  const folder = path.join(ROOT, 'tests/replay/histories');
  return readdirSync(folder).map((file) => ({
    workflowId: path.parse(file).name,
    history: parseHistory(readFileSync(path.join(folder, file), 'utf8')),
  }));
}

const BEHAVIOR = 'TemporalWorkflowVersioningBehavior';

async function replayUnderWay(bundle: Bundle, withPinned: boolean): Promise<ReplayResult[]> {
  const { encryptionKeys } = temporalAddress();
  const dataConverter = createWorkerDataConverter(createEncryptionCodec(encryptionKeys));
  return withTemporalClient(async ({ workflow }, taskQueue) => {
    const running = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
    const moving = `${running} AND (${BEHAVIOR} IS NULL OR ${BEHAVIOR} != 'Pinned')`;
    const histories = workflow.list({ query: withPinned ? running : moving }).intoHistories();
    const results = await replay({ ...bundle, dataConverter }, histories);
    const { count } = await workflow.count(`${running} AND ${BEHAVIOR} = 'Pinned'`);
    const staying = withPinned ? '' : `; ${count} stay on the build that they are on`;
    console.log(`Workflows under way: ${tell(results)}${staying}.`);
    return results;
  });
}

function isFailure({ error }: ReplayResult): boolean {
  return error !== undefined;
}

function tell(results: ReplayResult[]): string {
  return `${results.length} replayed, ${results.filter(isFailure).length} failed`;
}

/** What the SDK says is wrong stands somewhere in a long message. */
function reasonOf({ message }: Error): string {
  return /\[TMPRL\d+\] [^"\\]+/.exec(message)?.[0] ?? message.split('\n')[0] ?? '';
}

runAsCommand(main);
