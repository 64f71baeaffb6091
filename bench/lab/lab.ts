import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ListrTask } from 'listr2';
import { clusterSettings, planCluster, type Cluster } from '../../scripts/cluster/plan';
import { temporalServerSteps } from '../../scripts/cluster/temporal';
import { resolveProgram } from '../../scripts/stack/binaries';
import { takeLock } from '../../scripts/stack/lock';
import { endOrphans } from '../../scripts/stack/orphans';
import { freePort } from '../../scripts/stack/ports';
import {
  clusterUrl,
  openCluster,
  query,
  type PostgresCluster,
} from '../../scripts/stack/postgres-cluster';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import type { Settings } from '../../scripts/stack/settings';
import type { Shutdown } from '../../scripts/stack/shutdown';
import { goods, postgres, takeSteps, type Start } from '../../scripts/stack/steps';
import { Supervised } from '../../scripts/stack/supervised';
import { temporalService } from '../../scripts/stack/temporal-service';
import type { PartFiles } from '../measure/processes';
import type { ServerKind } from '../report/results';

/** Everything that the benchmark writes, made anew for each run. */
const DATA_DIR = '.data/bench';

/** Every round sells on these: customers rarely meet on one of them. */
const FLIGHTS = 500;

/** The servers that are measured, on which every system runs, and how to start more on them. */
export interface Lab {
  server: ServerKind;
  cluster: Cluster;
  start: Start;
  /** Ends a process that was started, by its name. */
  stop: (name: string) => Promise<void>;
  /** URLs of the PostgreSQL servers, as their superuser; Temporal's dev server has none. */
  postgresUrl: string;
  temporalPostgresUrl: string | undefined;
  /** The processes of Temporal's server. */
  temporalParts: PartFiles;
  /** IDs of the flights that every system sells; none before the servers have started. */
  flights: string[];
}

/** How many processes of each kind a system of ours runs. */
export interface Size {
  apis: number;
  workers: number;
}

/**
 * Gives everything its place, on free ports. What an earlier run left behind is ended and removed:
 * every run begins with empty databases.
 *
 * @throws StackFailure when another benchmark runs here.
 */
export async function planLab(
  {
    server,
    size: { apis, workers },
    scheduleDays,
  }: { server: ServerKind; size: Size; scheduleDays: number },
  shutdown: Shutdown,
): Promise<Lab> {
  const settings = await labSettings(scheduleDays);
  const { dataDir, runDir, logDir } = settings;
  mkdirSync(runDir, { recursive: true });
  takeLock(runDir, 'bench');
  await endOrphans(dataDir, runDir);
  for (const folder of ['postgres', 'temporal-postgres', 'temporal', 'logs'])
    rmSync(path.join(dataDir, folder), { recursive: true, force: true });
  mkdirSync(logDir, { recursive: true });

  const planned = await planCluster(settings);
  const cluster = {
    ...planned,
    apis: await members('api', apis),
    workers: names('worker', workers),
  };
  const started = new Map<string, Supervised>();
  const start: Start = async (service) => {
    const part = new Supervised(service, runDir, say);
    started.set(service.name, part);
    shutdown.parts.push(part);
    await part.start();
  };
  const stop = async (name: string) => {
    await started.get(name)?.stop(new AbortController().signal);
    shutdown.parts.splice(
      0,
      Infinity,
      ...shutdown.parts.filter((part) => part !== started.get(name)),
    );
  };
  const password = cluster.secrets.postgresPassword;
  const isFull = server === 'full';
  return {
    server,
    cluster,
    start,
    stop,
    postgresUrl: clusterUrl(settings.postgresPort, password, 'postgres'),
    temporalPostgresUrl: isFull
      ? clusterUrl(cluster.temporalPostgresPort, password, 'postgres')
      : undefined,
    flights: [],
    temporalParts: {
      Temporal: ['temporal'],
      ...(isFull ? { "Temporal's PostgreSQL": ['temporal-postgres'] } : {}),
    },
  };
}

/** Lines of the processes would break the progress: they are shown on request only. */
function say(name: string, line: string): void {
  if (process.env.DEBUG) console.error(`${name} │ ${line}`);
}

/** Settings of the environment that are for the local stack's own servers don't count here. */
async function labSettings(scheduleDays: number): Promise<Settings> {
  const ports = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'];
  const given: NodeJS.ProcessEnv = { DATA_DIR, SCHEDULE_DAYS: String(scheduleDays) };
  for (const name of ports) given[name] = String(await freePort());
  return clusterSettings(given);
}

const names = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);

async function members(kind: string, count: number): Promise<Cluster['apis']> {
  const found: Cluster['apis'] = [];
  for (const name of names(kind, count)) found.push({ name, port: await freePort() });
  return found;
}

/** Starts the servers, with tables and flights, and shows how far it has got. */
export async function startServers(
  lab: Lab,
  { withTemporal }: { withTemporal: boolean },
): Promise<void> {
  const { cluster, start } = lab;
  const { dataDir } = cluster.settings;
  const password = cluster.secrets.postgresPassword;
  const clusters: ListrTask = {
    title: 'Empty databases',
    task: async () => {
      for (const name of ['postgres', 'temporal-postgres']) {
        countStatements(await openCluster(path.join(dataDir, name), password));
      }
    },
  };
  await takeSteps([
    clusters,
    postgres(cluster, start),
    ...(withTemporal ? temporalSteps(lab) : []),
    // On a busy machine connections time out. What has been loaded by then stays.
    ...goods(cluster).map((step) => ({ ...step, retry: 3 })),
  ]);
  lab.flights = await chooseFlights(cluster);
}

function temporalSteps({ server, cluster, start }: Lab): ListrTask[] {
  return server === 'full' ? temporalServerSteps(cluster, start) : [devServer(cluster, start)];
}

/** The dev server, as `npm run dev` runs it. */
function devServer({ settings, temporalAddress }: Cluster, start: Start): ListrTask {
  return {
    title: "Temporal's dev server",
    task: async () => {
      const cli = await resolveProgram(TEMPORAL_CLI);
      await start(temporalService(cli, temporalAddress, settings.temporalUiPort, settings));
    },
  };
}

/** The servers count statements. All else is as the local stack has it: every commit is durable. */
const COUNTING = `
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.max = 10000
`;

/** Has a server that is not running yet count statements. Repeatable. */
export function countStatements({ folder }: PostgresCluster): void {
  const file = path.join(folder, 'postgresql.conf');
  if (!readFileSync(file, 'utf8').includes(COUNTING)) appendFileSync(file, COUNTING);
}

/** Chooses the largest flights, which don't close while they are measured. */
export async function chooseFlights(
  { databaseUrl }: Pick<Cluster, 'databaseUrl'>,
  atMost = FLIGHTS,
): Promise<string[]> {
  const flights = await query<{ id: string }>(
    databaseUrl,
    `SELECT f.id FROM flights f
     JOIN flight_cabins c ON c.flight_id = f.id AND c.cabin = 'economy'
     WHERE departure_at > now() + interval '6 hours'
     ORDER BY c.seat_count DESC, f.id LIMIT ${atMost}`,
  );
  return flights.map(({ id }) => id);
}
