import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ListrTask } from 'listr2';
import { stringify } from 'yaml';
import { resolveProgram } from '../stack/binaries';
import { lastLine, runCommand } from '../stack/commands';
import { StackFailure } from '../stack/failure';
import { writeWhole } from '../stack/files';
import { openCluster } from '../stack/postgres-cluster';
import { postgresService } from '../stack/postgres-service';
import { TEMPORAL_CLI, TEMPORAL_SERVER, TEMPORAL_SQL_TOOL, TEMPORAL_UI } from '../stack/programs';
import { ROOT } from '../stack/settings';
import type { Start } from '../stack/steps';
import { isTemporalThere } from '../stack/temporal-service';
import type { Cluster } from './plan';

/**
 * Temporal's full server on a PostgreSQL of its own, by the settings and the scripts that
 * `docker-compose.yml` runs it by.
 */

/** Where the containers have their scripts and settings from. */
const DOCKER = path.join(ROOT, 'docker/temporal');
/** PostgreSQL's superuser in every cluster of ours. */
const USER = 'flight_bookings';
const HOST = '127.0.0.1';
/** Enough for this machine; it can't be changed once there are data. */
const HISTORY_SHARDS = '16';
const RETENTION = '72h';

export function temporalSteps(cluster: Cluster, start: Start): ListrTask[] {
  return [...temporalServerSteps(cluster, start), ui(cluster, start)];
}

/** The server alone, without its UI. */
export function temporalServerSteps(cluster: Cluster, start: Start): ListrTask[] {
  return [database(cluster, start), server(cluster, start)];
}

function database(cluster: Cluster, start: Start): ListrTask {
  const { settings, secrets, temporalPostgresPort: port } = cluster;
  return {
    title: "Temporal's PostgreSQL",
    task: async () => {
      const password = secrets.postgresPassword;
      await start(
        postgresService({
          name: 'temporal-postgres',
          title: "Temporal's PostgreSQL",
          cluster: await openCluster(path.join(settings.dataDir, 'temporal-postgres'), password),
          port,
          password,
          logFile: path.join(settings.logDir, 'temporal-postgres.log'),
        }),
      );
      const tool = await resolveProgram(TEMPORAL_SQL_TOOL);
      await runScript('schema.sh', tool, {
        SQL_PLUGIN: 'postgres12',
        SQL_HOST: HOST,
        SQL_PORT: String(port),
        SQL_USER: USER,
        SQL_PASSWORD: password,
      });
    },
  };
}

function server(cluster: Cluster, start: Start): ListrTask {
  const { settings, temporalAddress: address } = cluster;
  return {
    title: "Temporal's server",
    task: async (_, task) => {
      task.output = 'the first time it is built, which takes minutes';
      const program = await resolveProgram(TEMPORAL_SERVER);
      await start({
        name: 'temporal',
        title: 'Temporal',
        prepare: () =>
          Promise.resolve({
            command: program,
            // It reads nothing there: the folder says whose process this is.
            args: ['--root', path.join(settings.dataDir, 'temporal'), '--allow-no-auth', 'start'],
            env: serverEnvironment(cluster),
          }),
        logFile: path.join(settings.logDir, 'temporal.log'),
        untilServing: () => isTemporalThere(address),
        stopSignal: 'SIGTERM',
        graceMs: 15_000,
      });
      await setUpNamespace(cluster);
    },
  };
}

/** Makes the cluster's namespace on a server that runs, with our search attributes. Repeatable. */
export async function setUpNamespace(cluster: Cluster): Promise<void> {
  await runScript('setup.sh', await resolveProgram(TEMPORAL_CLI), {
    ...reachTemporal(cluster),
    TEMPORAL_RETENTION: RETENTION,
  });
}

/** What the containers give the server in its environment, and ports that are free here. */
function serverEnvironment(cluster: Cluster): NodeJS.ProcessEnv {
  const { settings, secrets, temporalPostgresPort, temporalPorts } = cluster;
  const ports = Object.entries(temporalPorts).map(([name, port]) => [name, String(port)] as const);
  return {
    DB: 'postgres12',
    DB_PORT: String(temporalPostgresPort),
    POSTGRES_SEEDS: HOST,
    POSTGRES_USER: USER,
    POSTGRES_PWD: secrets.postgresPassword,
    BIND_ON_IP: HOST,
    NUM_HISTORY_SHARDS: HISTORY_SHARDS,
    LOG_LEVEL: 'warn',
    DYNAMIC_CONFIG_FILE_PATH: path.join(DOCKER, 'dynamic-config.yaml'),
    FRONTEND_GRPC_PORT: String(settings.temporalPort),
    ...Object.fromEntries(ports),
  };
}

function ui(cluster: Cluster, start: Start): ListrTask {
  const { settings, temporalAddress, temporalUiUrl, codecOrigin } = cluster;
  return {
    title: "Temporal's UI",
    task: async () => {
      const program = await resolveProgram(TEMPORAL_UI);
      const folder = path.join(settings.dataDir, 'temporal-ui');
      mkdirSync(folder, { recursive: true });
      const config = {
        temporalGrpcAddress: temporalAddress,
        host: HOST,
        port: settings.temporalUiPort,
        enableUi: true,
        defaultNamespace: settings.temporalNamespace,
        disableNewsFetch: true,
        cors: { allowOrigins: [temporalUiUrl] },
        codec: { endpoint: `${codecOrigin}/codec`, includeCredentials: true },
      };
      writeWhole(path.join(folder, 'cluster.yaml'), stringify(config), 0o600);
      await start({
        name: 'temporal-ui',
        title: "Temporal's UI",
        prepare: () =>
          Promise.resolve({
            command: program,
            args: ['--root', '/', '--config', folder, '--env', 'cluster', 'start'],
          }),
        logFile: path.join(settings.logDir, 'temporal-ui.log'),
        untilServing: () =>
          fetch(temporalUiUrl ?? '').then(
            ({ ok }) => ok,
            () => false,
          ),
        stopSignal: 'SIGTERM',
        graceMs: 5_000,
      });
    },
  };
}

/** Makes a build of the workers the current one, as the container `promote` does. */
export async function promote(cluster: Cluster): Promise<void> {
  await runScript('promote.sh', await resolveProgram(TEMPORAL_CLI), {
    ...reachTemporal(cluster),
    WORKER_DEPLOYMENT_NAME: cluster.settings.workerDeploymentName,
    WORKER_BUILD_ID: cluster.buildId,
  });
}

function reachTemporal({ settings, temporalAddress }: Cluster) {
  return { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: settings.temporalNamespace };
}

/** Registering what a new namespace must know takes a busy server a minute. */
const SCRIPT_TIMEOUT_MS = 180_000;

/** Runs a script of the containers here, with its program found by its name. */
async function runScript(
  name: string,
  program: string,
  env: Record<string, string>,
): Promise<void> {
  const searchPath = [path.dirname(program), process.env.PATH].join(path.delimiter);
  const { exitCode, stdout, stderr } = await runCommand('sh', [path.join(DOCKER, name)], {
    timeoutMs: SCRIPT_TIMEOUT_MS,
    env: { HOME: process.env.HOME, PATH: searchPath, ...env },
  });
  if (exitCode === 0) return;
  const why = lastLine(stderr) || lastLine(stdout) || 'it took too long';
  throw new StackFailure(`docker/temporal/${name} failed: ${why}`, stdout + stderr);
}
