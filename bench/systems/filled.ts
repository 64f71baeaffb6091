import path from 'node:path';
import type { ListrTask } from 'listr2';
import { planCluster, type Cluster } from '../../scripts/cluster/plan';
import { setUpNamespace } from '../../scripts/cluster/temporal';
import { takeLock } from '../../scripts/stack/lock';
import { freePort } from '../../scripts/stack/ports';
import { clusterUrl, DATABASE, openCluster } from '../../scripts/stack/postgres-cluster';
import { postgresService } from '../../scripts/stack/postgres-service';
import { goods } from '../../scripts/stack/steps';
import { planFolder } from '../fill/folder';
import { countStatements, type Lab } from '../lab/lab';
import { oursOn } from './ours';
import type { System } from './system';

/**
 * This project on books that are filled: another API, another worker and another PostgreSQL server,
 * on a data folder that `npm run bench:fill` has made. What is sold there stays.
 *
 * They share Temporal's server, in a namespace of their own: an auditor compares all workflows of a
 * namespace with one database.
 */
export async function filled(lab: Lab, folder: string): Promise<System> {
  const cluster = await planFilled(lab, folder);
  const { secrets, settings } = cluster;
  const password = secrets.postgresPassword;
  const server: ListrTask = {
    title: 'filled: PostgreSQL',
    task: async () => {
      takeLock(path.join(folder, 'run'), 'bench');
      const data = await openCluster(path.join(folder, 'postgres'), password);
      countStatements(data);
      await lab.start(
        postgresService({
          name: 'postgres-filled',
          title: 'The filled PostgreSQL',
          cluster: data,
          password,
          port: settings.postgresPort,
          database: DATABASE,
          logFile: path.join(settings.logDir, 'postgres-filled.log'),
        }),
      );
    },
  };
  const namespace: ListrTask = {
    title: 'filled: namespace',
    task: () => setUpNamespace(cluster),
  };
  const system = oursOn(cluster, lab);
  return {
    ...system,
    name: 'filled',
    steps: [server, namespace, ...goods(cluster), ...system.steps],
    parts: { ...system.parts, PostgreSQL: ['postgres-filled'] },
    postgresUrl: clusterUrl(settings.postgresPort, password, 'postgres'),
    temporalNamespace: settings.temporalNamespace,
  };
}

/** The lab's processes once more, on the folder's database. */
async function planFilled(lab: Lab, folder: string): Promise<Cluster> {
  const { settings, secrets, workflowBundle, temporalAddress } = lab.cluster;
  const own = await planFolder(folder);
  const planned = await planCluster({
    ...settings,
    dataDir: own.settings.dataDir,
    postgresPort: await freePort(),
    temporalNamespace: 'filled',
    workflowBundle,
    givenSecrets: secrets,
  });
  return {
    ...planned,
    temporalAddress,
    apis: [{ name: 'api-filled', port: await freePort() }],
    workers: ['worker-filled'],
  };
}
