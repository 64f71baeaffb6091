import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { BookingStatusAttribute } from '../contracts/search-attributes';

/** A workflow that has done something lately. */
export interface RecentWorkflow {
  workflowId: string;
  startedAt: Date;
  /** The search attribute `BookingStatus`. */
  bookingStatus: string | undefined;
}

/** Temporal's maximum. */
const LISTED_AT_ONCE = 1_000;

/** The first workflow task is among the first events, whatever a run began with. */
const FIRST_EVENTS = 50;

const LOOK_EVERY_MS = 100;
/** For a busy worker; activities that fail are tried again for longer, and not waited for. */
const IDLE_WITHIN_MS = 30_000;

/**
 * Has workflows do their work again, from its beginning: what Temporal calls a reset. The messages
 * that they got come again.
 */
export function createResets(client: Client) {
  const { namespace } = client.options;
  const service = client.workflowService;

  /** When a running workflow was last recorded to have done anything. */
  async function lastEventAt(workflowId: string): Promise<Date> {
    const { history } = await service.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: { workflowId },
      maximumPageSize: 1,
    });
    return new Date(Number(history?.events?.[0]?.eventTime?.seconds ?? 0) * 1_000 + 999);
  }

  /** The end of its first task; undefined where no worker has had it yet. */
  async function firstTaskOf(workflowId: string) {
    const { history } = await service.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId },
      maximumPageSize: FIRST_EVENTS,
    });
    const task = history?.events?.find((event) => event.workflowTaskCompletedEventAttributes);
    return task?.eventId ?? undefined;
  }

  return {
    /**
     * Returns the workflows of a type that have done anything since then, each once, the one that
     * started first at the beginning. Those that failed or were terminated are left out. Reads the
     * history's end of each that runs.
     */
    async recent(type: string, since: Date): Promise<RecentWorkflow[]> {
      const after = `'${since.toISOString()}'`;
      const query = `WorkflowType = '${type}' AND (ExecutionStatus = 'Running'
        OR (ExecutionStatus = 'Completed' AND CloseTime > ${after}))`;
      const newest = new Map<string, RecentWorkflow>();
      for await (const run of client.workflow.list({ query, pageSize: LISTED_AT_ONCE })) {
        const { workflowId, startTime } = run;
        const known = newest.get(workflowId);
        if (known !== undefined && known.startedAt >= startTime) continue;
        const isRecent =
          startTime > since ||
          run.closeTime !== undefined ||
          (await lastEventAt(workflowId)) > since;
        if (!isRecent) continue;
        const bookingStatus = run.typedSearchAttributes.get(BookingStatusAttribute);
        newest.set(workflowId, { workflowId, startedAt: startTime, bookingStatus });
      }
      return [...newest.values()].sort((one, other) => +one.startedAt - +other.startedAt);
    },

    /**
     * Begins a workflow anew, and waits until it has nothing to do at the moment. Returns false when
     * it is still at work after half a minute. Safe to repeat where its activities are.
     */
    async reset(workflowId: string, reason: string): Promise<boolean> {
      const workflowTaskFinishEventId = await firstTaskOf(workflowId);
      if (workflowTaskFinishEventId === undefined) return true;
      const { runId } = await service.resetWorkflowExecution({
        namespace,
        workflowExecution: { workflowId },
        reason,
        requestId: randomUUID(),
        workflowTaskFinishEventId,
      });
      const handle = client.workflow.getHandle(workflowId, runId);
      for (const giveUpAt = Date.now() + IDLE_WITHIN_MS; Date.now() < giveUpAt;) {
        const { status, raw } = await handle.describe();
        const isAtWork =
          (raw.pendingWorkflowTask ?? null) !== null || (raw.pendingActivities ?? []).length > 0;
        if (status.name !== 'RUNNING' || !isAtWork) return true;
        await wait(LOOK_EVERY_MS);
      }
      return false;
    },
  };
}
