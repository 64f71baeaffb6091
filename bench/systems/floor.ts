import { isReady } from '../../scripts/stack/steps';
import { hasWorkers } from '../../scripts/stack/temporal-service';
import { freeLowPort } from '../../scripts/stack/ports';
import type { Lab } from '../lab/lab';
import { peerService } from '../lab/peer-service';
import { floorWorkflowId } from '../peers/floor/messages';
import type { System } from './system';

const TASK_QUEUE = 'bench-floor';

/** What the shape of a booking costs Temporal and its SDK, with nothing in it. */
export async function floor({ cluster, start }: Lab): Promise<System> {
  const { runDir, temporalNamespace: namespace } = cluster.settings;
  const { temporalAddress: address } = cluster;
  const port = await freeLowPort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TASK_QUEUE,
  };
  const queue = { connection: { address }, namespace, taskQueue: TASK_QUEUE };
  const services = [
    peerService({
      ...{ name: 'floor-worker', script: 'floor/worker.ts', env, runDir },
      untilServing: () => hasWorkers(queue),
    }),
    peerService({
      ...{ name: 'floor-api', script: 'floor/api.ts', env, runDir },
      untilServing: () => isReady(url),
    }),
  ];
  return {
    name: 'floor',
    title: 'our messages, with activities that do nothing',
    steps: services.map((service) => ({ title: service.title, task: () => start(service) })),
    apiUrls: [url],
    parts: {
      api: ['floor-api'],
      worker: ['floor-worker'],
      temporal: ['temporal'],
      "temporal's postgres": ['temporal-postgres'],
      postgres: ['postgres'],
    },
    databases: [],
    workflowId: floorWorkflowId,
    audit: () => Promise.resolve([]),
  };
}
