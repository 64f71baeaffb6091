import './virtual-time';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { setActivator } from '@temporalio/workflow/lib/global-attributes';
import { Activator } from '@temporalio/workflow/lib/internals';
import * as runtime from '@temporalio/workflow/lib/worker-interface';

/** What a workflow is told in one activation: a job of the SDK's, by its kind. */
export type Job = { variant: string } & Record<string, unknown>;

/** What a workflow asks for: a command of the SDK's, by its kind. */
export type Command = Record<string, Record<string, unknown> | undefined>;

export interface Activation {
  now: number;
  /** Whether the history is so long that the workflow should begin anew. */
  isLong: boolean;
  jobs: Job[];
  /** The numbers of the local activities that it asked for then. */
  localsAsked?: number[];
}

/** Flags that the SDK sets for workflows of today. */
const FLAGS = [1, 2];

export type Workflow = (input: never) => Promise<unknown>;

/**
 * One workflow as a worker has it in memory: the code of the product on the SDK's own library, in
 * this process. There is no server and no sandbox: whoever activates it plays the server's part.
 */
export class WorkflowRun {
  private readonly activator: Activator;

  constructor(
    workflow: Workflow,
    {
      workflowId,
      workflowType,
      runId,
      startedAt,
    }: { workflowId: string; workflowType: string; runId: string; startedAt: number },
  ) {
    const info = {
      workflowId,
      runId,
      firstExecutionRunId: runId,
      workflowType,
      taskQueue: 'simulation',
      namespace: 'simulation',
      attempt: 1,
      startTime: new Date(startedAt),
      runStartTime: new Date(startedAt),
      continueAsNewSuggested: false,
      unsafe: { isReplaying: false, isReplayingHistoryEvents: false, now: () => startedAt },
    };
    this.activator = new Activator({
      info: info as never,
      now: startedAt,
      showStackTraceSources: false,
      sourceMap: undefined as never,
      getTimeOfDay: () => 0n,
      randomnessSeed: [1],
      registeredActivityNames: { has: () => true } as never,
      stackTracesEnabled: false,
    });
    this.activator.workflow = workflow as never;
    this.activator.addKnownFlags(FLAGS);
  }

  /**
   * Gives the workflow some jobs, and returns what it asks for once it waits.
   *
   * @throws what would fail its workflow task.
   */
  async activate({ now, isLong, jobs }: Activation, isReplaying: boolean): Promise<Command[]> {
    const { activator } = this;
    setActivator(activator);
    try {
      activator.now = now;
      activator.mutateWorkflowInfo((info) => ({
        ...info,
        continueAsNewSuggested: isLong,
        unsafe: { ...info.unsafe, isReplaying, isReplayingHistoryEvents: isReplaying },
      }));
      const patches = jobs.filter(({ variant }) => variant === 'notifyHasPatch');
      for (const { notifyHasPatch } of patches) activator.notifyHasPatch(notifyHasPatch as never);
      const first = jobs.find(({ variant }) => variant === 'initializeWorkflow');
      if (first !== undefined) runtime.initialize(first.initializeWorkflow as never);
      const rest = jobs.filter((job) => job.variant !== 'notifyHasPatch');
      runtime.activate({ jobs: rest } as never);
      do await untilIdle();
      while (runtime.tryUnblockConditions() > 0);
      const { successful } = runtime.concludeActivation() as unknown as {
        successful: { commands: Command[] };
      };
      activator.getAndResetSinkCalls();
      return successful.commands;
    } finally {
      setActivator(undefined);
    }
  }
}

/** Resolves when all that follows from what has happened is done. */
function untilIdle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export function payloadsOf(...values: unknown[]): Payload[] {
  return values.map((value) => defaultPayloadConverter.toPayload(value));
}

export function valueOf(payload: unknown): unknown {
  if (payload === undefined || payload === null) return undefined;
  return defaultPayloadConverter.fromPayload(payload);
}
