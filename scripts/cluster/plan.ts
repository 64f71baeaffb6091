import { StackFailure } from '../stack/failure';
import { planMailbox } from '../stack/mailbox/mailbox';
import { freePort } from '../stack/ports';
import { planStack, type Running } from '../stack/running';
import { readSettings, type Settings } from '../stack/settings';

/** A process of ours, one of several of its kind. */
export interface Member {
  name: string;
  port: number;
}

/**
 * A cluster that runs, or is about to: what `docker-compose.yml` describes, with every address a
 * port of this machine.
 */
export interface Cluster extends Running {
  /** Where Temporal's UI finds the codec server. */
  codecOrigin: string;
  temporalPostgresPort: number;
  /** Where the services that make up Temporal's server find each other. */
  temporalPorts: Record<TemporalPort, number>;
  apis: Member[];
  workers: string[];
  buildId: string;
}

/**
 * As Temporal's server has them in its environment; `FRONTEND_GRPC_PORT` is `TEMPORAL_PORT` here.
 */
const TEMPORAL_PORTS = [
  'FRONTEND_HTTP_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  'HISTORY_GRPC_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'MATCHING_GRPC_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'WORKER_GRPC_PORT',
  'WORKER_MEMBERSHIP_PORT',
] as const;

type TemporalPort = (typeof TEMPORAL_PORTS)[number];

/** Data of its own: bookings are of no use to a Temporal that has never heard of them. */
const DATA_DIR = '.data/cluster';

/** Outlives a restart, with the bookings that are pinned to it, as those of a release do. */
const BUILD_ID = 'dev';

/**
 * @throws StackFailure when the environment names a PostgreSQL or a Temporal: a cluster is made of
 * its own.
 */
export function clusterSettings(env: NodeJS.ProcessEnv): Settings {
  const settings = readSettings({ DATA_DIR, ...env });
  if (settings.databaseUrl !== undefined || settings.temporalAddress !== undefined)
    throw new StackFailure(
      'The cluster brings its own PostgreSQL and Temporal: unset DATABASE_URL and TEMPORAL_ADDRESS.',
    );
  return settings;
}

/**
 * Gives every part its place: what people come to has the ports of the settings, what only the
 * parts know has any.
 */
export async function planCluster(settings: Settings): Promise<Cluster> {
  const temporalPorts: [TemporalPort, number][] = [];
  for (const name of TEMPORAL_PORTS) temporalPorts.push([name, await freePort()]);
  return {
    ...planStack(settings, await planMailbox(settings)),
    codecOrigin: settings.apiUrl,
    temporalPostgresPort: await freePort(),
    temporalPorts: Object.fromEntries(temporalPorts) as Cluster['temporalPorts'],
    apis: [
      { name: 'api-1', port: await freePort() },
      { name: 'api-2', port: await freePort() },
    ],
    workers: ['worker-1', 'worker-2'],
    buildId: settings.workerBuildId ?? BUILD_ID,
  };
}
