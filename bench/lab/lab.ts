import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ListrTask } from 'listr2';
import type { Cluster } from '../../scripts/cluster/plan';
import { planScratchCluster, type Size } from '../../scripts/cluster/scratch';
import { temporalServerSteps } from '../../scripts/cluster/temporal';
import { resolveProgram } from '../../scripts/stack/binaries';
import {
  clusterUrl,
  openCluster,
  query,
  type PostgresCluster,
} from '../../scripts/stack/postgres-cluster';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import type { Shutdown } from '../../scripts/stack/shutdown';
import { goods, postgres, takeSteps, type Start } from '../../scripts/stack/steps';
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

/**
 * Plans a cluster with empty databases, and what of it is measured.
 *
 * @throws StackFailure when another benchmark runs here.
 */
export async function planLab(
  { server, size, scheduleDays }: { server: ServerKind; size: Size; scheduleDays: number },
  shutdown: Shutdown,
): Promise<Lab> {
  const { cluster, start, stop } = await planScratchCluster(
    { dataDir: DATA_DIR, program: 'bench', scheduleDays, size },
    shutdown,
  );
  const password = cluster.secrets.postgresPassword;
  const isFull = server === 'full';
  return {
    server,
    cluster,
    start,
    stop,
    postgresUrl: clusterUrl(cluster.settings.postgresPort, password, 'postgres'),
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
