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
import { byKindAndAge, fetchSample } from './sample';

type Histories = Parameters<typeof Worker.runReplayHistories>[1];
type Keys = ReturnType<typeof EncryptionKeys.parse>;

/** The result of replays on a build: how many workflows were replayed, and which failed. */
export interface Replayed {
  count: number;
  failures: { workflowId: string; reason: string }[];
}

/** The result for running workflows. */
export interface ReplayedRunning extends Replayed {
  /** How many the build would take over. A sample of them is replayed. */
  moving: number;
  /** How many were left out because they stay on their build. */
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
 * Replays a sample of the running workflows that the build would take over. With `withPinned`, also
 * of those that stay on another build.
 */
export async function replayRunning(
  codePath: string,
  { client, taskQueue }: TemporalAccess,
  { target, withPinned, sampled }: { target: Target; withPinned: boolean; sampled: number },
): Promise<ReplayedRunning> {
  const keys = required(target.config.encryptionKeys, 'PAYLOAD_ENCRYPTION_KEYS', target);
  const running = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
  const notPinned = `${running} AND (${BEHAVIOR} IS NULL OR ${BEHAVIOR} != 'Pinned')`;
  const query = withPinned ? running : notPinned;
  const histories = fetchSample(client, byKindAndAge(query, new Date()), sampled);
  const replayed = await replay(codePath, keys, histories);
  const { count: moving } = await client.workflow.count(query);
  const { count } = await client.workflow.count(`${running} AND ${BEHAVIOR} = 'Pinned'`);
  return { ...replayed, moving, staying: withPinned ? 0 : count };
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
