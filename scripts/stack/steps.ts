import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';
import { seedSchedule } from '../../src/cli/seed/schedule';
import { connect, WAITS_OF_LOADS } from '../../src/db/connection';
import { prepareDatabase } from '../../src/db/prepare';
import { resolveProgram } from './binaries';
import { ourService } from './our-services';
import { openMailbox } from './mailbox/mailbox';
import { freePort } from './ports';
import { DATABASE, openCluster } from './postgres-cluster';
import { postgresService } from './postgres-service';
import { TEMPORAL_CLI } from './programs';
import { childEnvironment, type Running } from './running';
import type { Service } from './service';
import { hasWorkers, temporalService } from './temporal-service';
import { openUiDoor } from './ui-door';
import { viewsScript } from './ui-views';
import { bundleWorkflows, isBundleUpToDate } from './workflow-bundle';

/** Starts one service and waits until it serves. */
export type Start = (service: Service) => Promise<void>;

/**
 * The way from an empty folder to a stack that serves, step by step. No title or output may hold
 * the word that ends it.
 */
export function startingSteps(running: Running, start: Start): ListrTask[] {
  const { settings } = running;
  const ownPostgres = settings.databaseUrl === undefined;
  const ownTemporal = settings.temporalAddress === undefined;
  return [
    ...(ownPostgres ? [postgres(running, start)] : []),
    ...(ownTemporal ? [temporal(running, start)] : []),
    ...goods(running),
    ...mailbox(running),
    processes(running, start),
  ];
}

/** Takes the steps, one after another, and shows how far it has got. */
export async function takeSteps(steps: ListrTask[]): Promise<void> {
  const list = new Listr(steps, {
    // Signals are the supervisor's: it has processes to end.
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  });
  await list.run();
}

export function postgres({ settings, secrets }: Running, start: Start): ListrTask {
  const { dataDir, logDir, postgresPort } = settings;
  return {
    title: 'PostgreSQL',
    task: async () => {
      const password = secrets.postgresPassword;
      await start(
        postgresService({
          name: 'postgres',
          title: 'PostgreSQL',
          cluster: await openCluster(path.join(dataDir, 'postgres'), password),
          port: postgresPort,
          password,
          database: DATABASE,
          logFile: path.join(logDir, 'postgres.log'),
        }),
      );
    },
  };
}

/** What our processes find when they come: the tables, flights to sell, the workflows. */
export function goods(running: Running): ListrTask[] {
  const isBundleGiven = running.settings.workflowBundle !== undefined;
  return [
    migrations(running),
    schedule(running),
    ...(isBundleGiven ? [] : [workflowBundle(running.workflowBundle)]),
  ];
}

function temporal({ settings, temporalAddress }: Running, start: Start): ListrTask {
  return {
    title: 'Temporal and its UI',
    task: async (_, task) => {
      const onProgress = (text: string) => (task.output = text);
      const cli = await resolveProgram(TEMPORAL_CLI, { onProgress });
      const uiPort = await freePort();
      await start(temporalService(cli, temporalAddress, uiPort, settings));
      await openUiDoor(settings.temporalUiPort, {
        uiPort,
        apiPort: settings.port,
        script: viewsScript(settings.temporalNamespace),
      });
    },
  };
}

/** The mailbox of the stack, if mails go there. */
export function mailbox({ mailbox: ports, settings }: Running): ListrTask[] {
  if (ports === undefined) return [];
  return [
    {
      title: 'Mailbox',
      task: async () => {
        await openMailbox(ports, settings.dataDir);
      },
    },
  ];
}

function migrations({ databaseUrl, processUrls }: Running): ListrTask {
  return {
    title: 'Migrations',
    task: async () => {
      const db = connect(databaseUrl, {
        applicationName: 'flight-bookings-migrate',
        maxConnections: 1,
        waits: WAITS_OF_LOADS,
      });
      await prepareDatabase(db, processUrls).finally(() => db.destroy());
    },
  };
}

function schedule({ databaseUrl, settings }: Running): ListrTask {
  return {
    title: `Flight schedule, ${settings.scheduleDays} days`,
    task: async (_, task) => {
      const db = connect(databaseUrl, {
        applicationName: 'flight-bookings-seed',
        maxConnections: 2,
        waits: WAITS_OF_LOADS,
      });
      const onProgress = (fraction: number, text: string) => {
        task.output = `${progressBar(fraction)} ${text}`;
      };
      const { scheduleDays: days, hasScenarios } = settings;
      try {
        const { flightsAdded } = await seedSchedule({ db, days, hasScenarios, onProgress });
        // A crash soon after would else have to replay the whole load.
        if (flightsAdded > 0 && settings.databaseUrl === undefined) await db.raw('CHECKPOINT');
      } finally {
        await db.destroy();
      }
    },
  };
}

function progressBar(fraction: number): string {
  const width = 20;
  const filled = Math.round(fraction * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.round(fraction * 100)).padStart(3)} %`;
}

/**
 * Bundles the workflows ahead, so that the worker needs neither the memory for it nor, when it is
 * started again after a crash, the seconds.
 */
function workflowBundle(file: string): ListrTask {
  return {
    title: 'Workflow bundle',
    task: async () => {
      if (!isBundleUpToDate(file)) await bundleWorkflows(file);
    },
  };
}

/** The worker and the API get up side by side: each spends seconds on loading its code. */
function processes(running: Running, start: Start): ListrTask {
  const { settings, temporalAddress } = running;
  const envOf = (kind: 'api' | 'worker') => childEnvironment(kind, running, process.env);
  const connection =
    settings.temporalAddress === undefined
      ? { address: temporalAddress }
      : loadClientConnectConfig().connectionOptions;
  const { temporalNamespace: namespace, taskQueue } = settings;
  const workerServes = () => hasWorkers({ connection, namespace, taskQueue });
  return {
    title: 'Our own processes',
    task: (_, task) =>
      task.newListr(
        [
          {
            title: 'Worker',
            task: () =>
              start(ourService('worker', 'worker', envOf('worker'), settings.runDir, workerServes)),
          },
          {
            title: 'API',
            task: () =>
              start(
                ourService('api', 'api', envOf('api'), settings.runDir, () =>
                  isReady(settings.apiUrl),
                ),
              ),
          },
        ],
        { concurrent: true },
      ),
  };
}

/** Returns whether the API at this address can do its work. */
export async function isReady(apiUrl: string): Promise<boolean> {
  return await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ status }) => status === 200,
    () => false,
  );
}
