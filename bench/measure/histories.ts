import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { waitUntil } from '../../src/cli/wait';
import { spreadOf } from '../report/numbers';

/** What bookings cost Temporal: medians of all that were looked at. */
export interface HistoryCosts {
  workflows: number;
  events: number;
  stateTransitions: number;
  bytes: number;
  workflowTasks: number;
  activities: number;
  /** Workflow tasks of all of them that were not done in time, and were done again. */
  timedOutTasks: number;
}

/** Workflows may end moments after their payment. Those that stay open are read as they are. */
const SETTLING_MS = 3_000;

/** Workflows that are read at once. */
const AT_ONCE = 16;

const { EventType, WorkflowExecutionStatus } = temporal.api.enums.v1;

/**
 * Reads the workflows of all these bookings, which are paid for. What is in them is counted only. A
 * sample would miss what happens to one in twenty.
 */
export async function readHistories(
  client: Client,
  workflowIds: readonly string[],
): Promise<HistoryCosts | undefined> {
  await waitForEnds(client, workflowIds);
  const histories: One[] = [];
  for (let start = 0; start < workflowIds.length; start += AT_ONCE) {
    const some = workflowIds.slice(start, start + AT_ONCE);
    histories.push(...(await Promise.all(some.map((id) => readOne(client, id)))));
  }
  const median = (of: (history: One) => number) => spreadOf(histories.map(of))?.median ?? 0;
  if (histories.length === 0) return undefined;
  return {
    workflows: histories.length,
    events: median(({ events }) => events),
    stateTransitions: median(({ stateTransitions }) => stateTransitions),
    bytes: median(({ bytes }) => bytes),
    workflowTasks: median(({ workflowTasks }) => workflowTasks),
    activities: median(({ activities }) => activities),
    timedOutTasks: histories.reduce((sum, { timedOutTasks }) => sum + timedOutTasks, 0),
  };
}

type One = Awaited<ReturnType<typeof readOne>>;

/** The last ones are those that may not have ended yet. */
async function waitForEnds(client: Client, workflowIds: readonly string[]): Promise<void> {
  const last = workflowIds.slice(-AT_ONCE);
  const haveEnded = async () => {
    const infos = await Promise.all(last.map((id) => infoOf(client, id)));
    return infos.every(({ status }) => Number(status) !== RUNNING);
  };
  await waitUntil(haveEnded, {
    timeoutMs: SETTLING_MS,
    onTimeout: () => new Error('still open'),
  }).catch(() => undefined);
}

async function readOne(client: Client, workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  const info = await infoOf(client, workflowId);
  const { events } = await handle.fetchHistory();
  const count = (type: number) =>
    (events ?? []).filter(({ eventType }) => Number(eventType) === type).length;
  return {
    events: Number(info.historyLength),
    stateTransitions: Number(info.stateTransitionCount),
    bytes: Number(info.historySizeBytes),
    workflowTasks: count(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED),
    activities: count(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED),
    timedOutTasks: count(EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT),
  };
}

const RUNNING: number = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;

/** The description as the server gives it: the client's would decrypt the memo. */
export async function infoOf(client: Client, workflowId: string) {
  const { namespace } = client.options;
  const { workflowExecutionInfo: info } = await client.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId },
  });
  if (!info) throw new Error(`Bug: ${workflowId} has no description`);
  return info;
}
