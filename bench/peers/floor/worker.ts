import { NativeConnection, Worker } from '@temporalio/worker';
import { TUNING } from '../../../src/worker/tuning';
import { setting } from '../serve';
import { floorActivities } from './activities';

/** The worker of the floor, with the settings of ours. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: setting('TEMPORAL_ADDRESS') });
  const worker = await Worker.create({
    connection,
    namespace: setting('TEMPORAL_NAMESPACE'),
    taskQueue: setting('TASK_QUEUE'),
    workflowsPath: require.resolve('./workflows'),
    activities: floorActivities,
    ...TUNING,
  });
  await worker.run();
  await connection.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
