import path from 'node:path';
import type { ListrTask } from 'listr2';
import { planCluster, type Cluster } from '../../scripts/cluster/plan';
import { setUpNamespace } from '../../scripts/cluster/temporal';
import { lastLine, runCommand } from '../../scripts/stack/commands';
import { StackFailure } from '../../scripts/stack/failure';
import { CHILD } from '../../scripts/stack/our-services';
import { freePort } from '../../scripts/stack/ports';
import { query } from '../../scripts/stack/postgres-cluster';
import type { Start } from '../../scripts/stack/steps';
import type { Lab } from '../lab/lab';
import { childOf, oursOn } from './ours';
import type { System } from './system';

const DATABASE = 'bench_beside';

/**
 * This project from another checkout, on the same servers: what a change costs or saves. It has a
 * database and a namespace of its own. The checkout needs its `node_modules`, and settings that
 * this one's processes understand.
 */
export async function beside(lab: Lab, folder: string): Promise<System> {
  const cluster = await planBeside(lab);
  const checkout = path.resolve(folder);
  const run = (script: string, ...args: string[]) => runThere(cluster, checkout, [script, ...args]);
  const database: ListrTask = {
    title: 'beside: database, workflows',
    task: async () => {
      await query(lab.postgresUrl, `CREATE DATABASE ${DATABASE}`);
      await run('src/cli/main.ts', 'migrate');
      await run('src/cli/main.ts', 'seed', '--days', String(cluster.settings.scheduleDays));
      await run('scripts/bundle-workflows.ts', cluster.workflowBundle);
      await setUpNamespace(cluster);
    },
  };
  const start = startingIn(checkout, lab.start);
  const system = oursOn(cluster, { start, temporalParts: lab.temporalParts, root: checkout });
  return {
    ...system,
    name: 'beside',
    steps: [database, ...system.steps],
    databases: [DATABASE],
    temporalNamespace: cluster.settings.temporalNamespace,
  };
}

/** The lab's processes once more, with names, a database and a namespace of their own. */
async function planBeside(lab: Lab): Promise<Cluster> {
  const { settings, secrets, temporalAddress } = lab.cluster;
  const planned = await planCluster({
    ...settings,
    temporalNamespace: 'beside',
    workflowBundle: path.join(settings.dataDir, 'workflow-bundle-beside.js'),
    givenSecrets: secrets,
  });
  const there = (url: string) => Object.assign(new URL(url), { pathname: DATABASE }).href;
  const { api, worker, sandbox } = planned.processUrls;
  return {
    ...planned,
    temporalAddress,
    databaseUrl: there(planned.databaseUrl),
    processUrls: {
      api: api && there(api),
      worker: worker && there(worker),
      sandbox: sandbox && there(sandbox),
    },
    apis: [{ name: 'api-beside', port: await freePort() }],
    workers: ['worker-beside'],
  };
}

/** What is started runs the checkout's code. */
function startingIn(checkout: string, start: Start): Start {
  return (service) =>
    start({
      ...service,
      prepare: async () => {
        const { args, ...invocation } = await service.prepare();
        return {
          ...invocation,
          args: args.map((arg) => (arg === CHILD ? childOf(checkout) : arg)),
          cwd: checkout,
        };
      },
    });
}

const COMMAND_TIMEOUT_MS = 300_000;

/** Runs one of the checkout's scripts to its end, as the owner of the tables. */
async function runThere(cluster: Cluster, checkout: string, [script, ...args]: string[]) {
  const { databaseUrl, processUrls } = cluster;
  const { exitCode, stdout, stderr } = await runCommand(
    path.join(checkout, 'node_modules/.bin/tsx'),
    [path.join(checkout, script ?? ''), ...args],
    {
      timeoutMs: COMMAND_TIMEOUT_MS,
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        API_DATABASE_URL: processUrls.api,
        WORKER_DATABASE_URL: processUrls.worker,
        SANDBOX_DATABASE_URL: processUrls.sandbox,
      },
    },
  );
  if (exitCode === 0) return;
  const why = lastLine(stderr) || lastLine(stdout) || 'it took too long';
  throw new StackFailure(`beside: ${script} failed: ${why}`, stdout + stderr);
}
