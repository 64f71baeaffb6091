import path from 'node:path';
import type { Cluster } from '../../scripts/cluster/plan';
import { apis, workers } from '../../scripts/cluster/steps';
import { runCommand } from '../../scripts/stack/commands';
import { CHILD } from '../../scripts/stack/our-services';
import { DATABASE, query } from '../../scripts/stack/postgres-cluster';
import { childEnvironment } from '../../scripts/stack/running';
import { ROOT } from '../../scripts/stack/settings';
import { bookingWorkflowId } from '../../src/temporal/contracts/booking';
import type { Lab } from '../lab/lab';
import type { System } from './system';

/** This project, with the API and the worker that `npm run dev:cluster` runs. */
export function ours(lab: Lab): System {
  return oursOn(lab.cluster, lab);
}

/** The same on any cluster that shares the lab's Temporal. `root` is the checkout that it runs. */
export function oursOn(
  cluster: Cluster,
  { start, temporalParts, root = ROOT }: Pick<Lab, 'start' | 'temporalParts'> & { root?: string },
): System {
  const since = new Date();
  return {
    name: 'ours',
    steps: [workers(cluster, start), apis(cluster, start)],
    apiUrls: cluster.apis.map(({ port }) => `http://127.0.0.1:${port}`),
    parts: {
      API: cluster.apis.map(({ name }) => name),
      worker: cluster.workers,
      ...temporalParts,
      PostgreSQL: ['postgres'],
    },
    databases: [DATABASE],
    workflowId: bookingWorkflowId,
    audit: (sold) => audit(cluster, { sold, since, root }),
  };
}

const AUDIT_TIMEOUT_MS = 120_000;

/** Has the project's own auditor check every invariant, and counts what was sold. */
async function audit(
  cluster: Cluster,
  { sold, since, root }: { sold: number; since: Date; root: string },
): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runCommand(
    process.execPath,
    ['--require', childOf(root), path.join(root, 'src/cli/main.ts'), 'audit'],
    { timeoutMs: AUDIT_TIMEOUT_MS, env: auditEnvironment(cluster) },
  );
  const [found] = await query<{ booked: string }>(
    cluster.databaseUrl,
    `SELECT count(*) AS booked FROM bookings
     WHERE status = 'booked' AND created_at >= '${since.toISOString()}'`,
  );
  const missing = sold - Number(found?.booked);
  return [
    ...(exitCode === 0 ? [] : [(stdout + stderr).trim()]),
    ...(missing > 0 ? [`${missing} bookings that were paid for are not booked`] : []),
  ];
}

/** What makes TypeScript run in a checkout. */
export const childOf = (root: string): string => path.join(root, path.relative(ROOT, CHILD));

/** The command line reads everything as the owner of the tables. */
function auditEnvironment(cluster: Cluster): NodeJS.ProcessEnv {
  return {
    ...childEnvironment('worker', cluster, process.env),
    DATABASE_URL: cluster.databaseUrl,
    LOG_LEVEL: 'error',
  };
}
