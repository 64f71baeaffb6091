import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  DefaultLogger,
  Runtime,
  Worker,
  type ReplayResult,
  type ReplayWorkerOptions,
} from '@temporalio/worker';
import { EncryptionKeys } from '../../config';
import { createEncryptionCodec } from '../../temporal/encryption/codec';
import { createWorkerDataConverter } from '../../temporal/encryption/data-converter';
import { required, type Target } from '../target';
import type { TemporalAccess } from '../temporal-client';
import { parseHistory, RECORDED_WITH } from './recorded-history';

type Histories = Parameters<typeof Worker.runReplayHistories>[1];
type Keys = ReturnType<typeof EncryptionKeys.parse>;

/** The result of replays on a build: how many workflows were replayed, and which failed. */
export interface Replayed {
  count: number;
  failures: { workflowId: string; reason: string }[];
}

/**
 * The result for running workflows, and how many were left out because they stay on their build.
 */
export interface ReplayedRunning extends Replayed {
  staying: number;
}

/**
 * Silences the SDK's logs of failed replays, which we report ourselves. To be called once, before
 * the first replay.
 */
export function silenceReplays(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  });
}

/** Replays the recorded histories of a folder: one for each path that a workflow can take. */
export async function replayRecorded(codePath: string, folder: string): Promise<Replayed> {
  const histories = readdirSync(folder).map((file) => ({
    workflowId: path.parse(file).name,
    history: parseHistory(readFileSync(path.join(folder, file), 'utf8')),
  }));
  return replay(codePath, EncryptionKeys.parse(RECORDED_WITH), histories);
}

const BEHAVIOR = 'TemporalWorkflowVersioningBehavior';

/**
 * Replays the running workflows that the build would take over. With `withPinned`, also those that
 * stay on another build.
 */
export async function replayRunning(
  codePath: string,
  { client: { workflow }, taskQueue }: TemporalAccess,
  { target, withPinned }: { target: Target; withPinned: boolean },
): Promise<ReplayedRunning> {
  const keys = required(target.config.encryptionKeys, 'PAYLOAD_ENCRYPTION_KEYS', target);
  const running = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
  const moving = `${running} AND (${BEHAVIOR} IS NULL OR ${BEHAVIOR} != 'Pinned')`;
  const histories = workflow.list({ query: withPinned ? running : moving }).intoHistories();
  const replayed = await replay(codePath, keys, histories);
  const { count } = await workflow.count(`${running} AND ${BEHAVIOR} = 'Pinned'`);
  return { ...replayed, staying: withPinned ? 0 : count };
}

async function replay(codePath: string, keys: Keys, histories: Histories): Promise<Replayed> {
  const options: ReplayWorkerOptions = {
    workflowBundle: { codePath },
    dataConverter: createWorkerDataConverter(createEncryptionCodec(keys)),
  };
  const replayed: Replayed = { count: 0, failures: [] };
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    replayed.count += 1;
    if (error !== undefined) replayed.failures.push({ workflowId, reason: reasonOf(error) });
  }
  return replayed;
}

/** The reason is inside a long message of the SDK. */
function reasonOf({ message }: NonNullable<ReplayResult['error']>): string {
  return /\[TMPRL\d+\] [^"\\]+/.exec(message)?.[0] ?? message.split('\n')[0] ?? '';
}
