import { NativeConnection, Worker } from '@temporalio/worker';
import { STACK_TRACES_PATH } from '../../src/worker/bundling';
import { TUNING } from '../../src/worker/tuning';
import { setting } from './serve';

interface WorkerPlan {
  workflowsPath: string;
  activities: object;
  close?: () => Promise<void>;
}

/** Runs a peer's worker, with the settings of ours, until it is told to stop. */
export function runWorker({ workflowsPath, activities, close }: WorkerPlan): void {
  const run = async () => {
    const connection = await NativeConnection.connect({
      address: setting('TEMPORAL_ADDRESS'),
      grpcCompression: { codec: 'none' },
    });
    const worker = await Worker.create({
      connection,
      namespace: setting('TEMPORAL_NAMESPACE'),
      taskQueue: setting('TASK_QUEUE'),
      workflowsPath,
      bundlerOptions: { preloadModules: [STACK_TRACES_PATH, workflowsPath] },
      activities,
      ...TUNING,
    });
    await worker.run();
    await connection.close();
    await close?.();
  };
  run().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
