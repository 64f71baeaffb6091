import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { testWorkerDataConverter } from './encryption';
import { workflowBundle } from './workflow-bundle';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** Expects that any worker of this build can go on with a workflow of the tests. */
export async function expectReplayable(workflowId: string, history: History): Promise<void> {
  const results = Worker.runReplayHistories(
    { workflowBundle: await workflowBundle(), dataConverter: testWorkerDataConverter },
    [{ workflowId, history }],
  );
  for await (const { error } of results) expect(error).toBeUndefined();
}
