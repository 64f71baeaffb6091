import type { ListrTask } from 'listr2';
import { freePort } from '../../scripts/stack/ports';
import { isReady } from '../../scripts/stack/steps';
import { hasWorkers } from '../../scripts/stack/temporal-service';
import type { Lab } from '../lab/lab';
import { peerService } from '../lab/peer-service';
import { auditShop, createShopDatabase } from '../peers/shop/tables';
import type { PeerName, System } from './system';

interface PeerPlan {
  name: Exclude<PeerName, 'ours'>;
  /** Environment of its processes beside what all get. */
  env?: Record<string, string>;
  hasDatabase: boolean;
  /** It has a worker of Temporal's, and its bookings these workflow IDs. */
  workflowId?: (bookingId: string) => string;
  /** Other processes, and what is done when they and its own run. */
  before?: ListrTask[];
  after?: ListrTask[];
  engine?: string;
  audit?: (sold: number) => Promise<string[]>;
}

/**
 * A peer: an API, and a worker where it has one, from the folder of its name in `bench/peers`.
 */
export async function peer(lab: Lab, plan: PeerPlan): Promise<System> {
  const { name, hasDatabase, workflowId, before = [], after = [], engine } = plan;
  const { cluster, start, postgresUrl } = lab;
  const { runDir, temporalNamespace: namespace } = cluster.settings;
  const { temporalAddress: address } = cluster;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const database = `bench_${name}`;
  const databaseUrl = Object.assign(new URL(postgresUrl), { pathname: database }).href;
  const taskQueue = `bench-${name}`;
  const env = {
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TASK_QUEUE: taskQueue,
    ...plan.env,
  };
  const queue = { connection: { address }, namespace, taskQueue };
  const process = (kind: 'api' | 'worker', untilServing: () => Promise<boolean>): ListrTask => ({
    title: `${name}: ${kind}`,
    task: () => {
      const script = `${name}/${kind}.ts`;
      return start(peerService({ name: `${name}-${kind}`, script, env, runDir, untilServing }));
    },
  });
  return {
    name,
    steps: [
      ...(hasDatabase
        ? [
            {
              title: `${name}: tables`,
              task: async () => {
                await createShopDatabase(postgresUrl, database, lab.flights);
              },
            },
          ]
        : []),
      ...before,
      ...(workflowId === undefined ? [] : [process('worker', () => hasWorkers(queue))]),
      process('api', () => isReady(url)),
      ...after,
    ],
    apiUrls: [url],
    parts: {
      API: [`${name}-api`],
      ...(workflowId === undefined ? {} : { worker: [`${name}-worker`], ...lab.temporalParts }),
      ...(engine === undefined ? {} : { engine: [engine] }),
      ...(hasDatabase ? { PostgreSQL: ['postgres'] } : {}),
    },
    databases: hasDatabase ? [database] : [],
    ...(workflowId === undefined ? {} : { workflowId }),
    audit: plan.audit ?? ((sold) => auditShop(databaseUrl, sold)),
  };
}
