import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ListrTask } from 'listr2';
import { resolveProgram } from '../stack/binaries';
import { ourService } from '../stack/our-services';
import { CADDY } from '../stack/programs';
import { childEnvironment } from '../stack/running';
import { ROOT } from '../stack/settings';
import { goods, isReady, mailbox, postgres, type Start } from '../stack/steps';
import { isPolling } from '../stack/temporal-service';
import type { Cluster } from './plan';
import { promote, temporalSteps } from './temporal';

/**
 * The way from an empty folder to a cluster that serves: the services of `docker-compose.yml`, in
 * the order in which they need each other.
 */
export function clusterSteps(cluster: Cluster, start: Start): ListrTask[] {
  return [
    postgres(cluster, start),
    ...temporalSteps(cluster, start),
    ...goods(cluster),
    ...mailbox(cluster),
    workers(cluster, start),
    apis(cluster, start),
    proxy(cluster, start),
  ];
}

export function workers(cluster: Cluster, start: Start): ListrTask {
  return {
    title: `Workers of build ${cluster.buildId}`,
    task: async () => {
      await Promise.all(cluster.workers.map((name, index) => start(worker(cluster, name, index))));
      await promote(cluster);
    },
  };
}

/** A worker of the cluster, of the cluster's own build. */
function worker(cluster: Cluster, name: string, index: number) {
  const { settings, temporalAddress, buildId } = cluster;
  const env = {
    ...environmentOf('worker', cluster, name),
    WORKER_BUILD_ID: buildId,
    ...metricsPorts(process.env, index),
  };
  const { temporalNamespace: namespace, taskQueue, runDir } = settings;
  const queue = { connection: { address: temporalAddress }, namespace, taskQueue };
  return ourService('worker', name, env, runDir, () =>
    isPolling(queue, readFileSync(path.join(runDir, `${name}.pid`), 'utf8')),
  );
}

/**
 * Every worker shows its metrics on ports of its own: those that are set, and ten further on for
 * each of the others.
 */
function metricsPorts(env: NodeJS.ProcessEnv, index: number): NodeJS.ProcessEnv {
  const names = ['METRICS_PORT', 'TEMPORAL_METRICS_PORT'];
  return Object.fromEntries(
    names.flatMap((name) => (env[name] ? [[name, String(Number(env[name]) + 10 * index)]] : [])),
  );
}

/** Longer than the proxy needs to see that an API is leaving: it asks every second. */
const SHUTDOWN_DELAY_SECONDS = '3';

export function apis(cluster: Cluster, start: Start): ListrTask {
  const { settings } = cluster;
  return {
    title: 'APIs',
    task: async () => {
      await Promise.all(
        cluster.apis.map(({ name, port }) => {
          const env = {
            ...environmentOf('api', cluster, name),
            PORT: String(port),
            SHUTDOWN_DELAY_SECONDS,
            TRUSTED_PROXIES: 'loopback',
          };
          const url = `http://127.0.0.1:${String(port)}`;
          return start(ourService('api', name, env, settings.runDir, () => isReady(url)));
        }),
      );
    },
  };
}

/** What all processes of ours are told; each logs into a folder of its own. */
function environmentOf(kind: 'api' | 'worker', cluster: Cluster, name: string): NodeJS.ProcessEnv {
  return {
    ...childEnvironment(kind, cluster, process.env),
    LOG_DIR: path.join(cluster.settings.logDir, name),
  };
}

function proxy({ settings, apis: members }: Cluster, start: Start): ListrTask {
  const { port, dataDir, runDir, logDir, apiUrl } = settings;
  return {
    title: 'Proxy before the APIs',
    task: async () => {
      const program = await resolveProgram(CADDY);
      const config = path.join(ROOT, 'docker/caddy/Caddyfile');
      // Says, among other things, to whoever looks for this process later which stack's it is.
      const pidFile = path.join(runDir, 'caddy');
      await start({
        name: 'proxy',
        title: 'The proxy',
        prepare: () =>
          Promise.resolve({
            command: program,
            args: ['run', '--config', config, '--adapter', 'caddyfile', '--pidfile', pidFile],
            env: {
              HOME: process.env.HOME,
              XDG_DATA_HOME: path.join(dataDir, 'caddy'),
              XDG_CONFIG_HOME: path.join(dataDir, 'caddy'),
              PROXY_LISTEN: `:${String(port)}`,
              API_UPSTREAMS: members.map((api) => `127.0.0.1:${String(api.port)}`).join(' '),
            },
          }),
        logFile: path.join(logDir, 'proxy.log'),
        untilServing: () => isReady(apiUrl),
        stopSignal: 'SIGTERM',
        graceMs: 15_000,
      });
    },
  };
}
