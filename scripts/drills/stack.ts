import { rmSync } from 'node:fs';
import path from 'node:path';
import { runCommand, type CommandResult } from '../stack/commands';
import { planScratchCluster, type ScratchCluster } from '../cluster/scratch';
import { apis, workers } from '../cluster/steps';
import { temporalServerSteps } from '../cluster/temporal';
import { resolveProgram } from '../stack/binaries';
import { CHILD } from '../stack/our-services';
import { clusterUrl, query } from '../stack/postgres-cluster';
import { TEMPORAL_CLI } from '../stack/programs';
import { childEnvironment } from '../stack/running';
import type { Service } from '../stack/service';
import type { Shutdown } from '../stack/shutdown';
import { goods, postgres, takeSteps, type Start } from '../stack/steps';
import {
  archiveSoFar,
  archiveWal,
  restoreTo,
  takeBaseBackup,
  untilRecovered,
  type ArchivedServer,
} from './base-backup';
import { readProvidersBooks, writeProvidersBooks } from './provider-books';

const DATA_DIR = '.data/drill';

/** Today's and tomorrow's flights: enough that many leave far from now. */
export const SCHEDULE_DAYS = 2;

const COMMAND_TIMEOUT_MS = 120_000;

export type Database = 'postgres' | 'temporal-postgres';

/**
 * The cluster of `docker-compose.yml` with one of each process and without its proxy, whose parts
 * can be ended, restored and started again. Both PostgreSQL servers archive their WAL.
 */
export class DrillStack {
  private readonly servers: Record<Database, ArchivedServer>;
  /** As they were started last. */
  private readonly services = new Map<string, Service>();
  private paymentWindowSeconds = 900;
  /** What the auditor may find, by its ID: a person has done something that the books can't know. */
  readonly explained = new Set<string>();

  private constructor(private readonly scratch: ScratchCluster) {
    const { settings, secrets, temporalPostgresPort } = scratch.cluster;
    const server = (name: Database, port: number): ArchivedServer => ({
      folder: path.join(settings.dataDir, name),
      archive: path.join(settings.dataDir, `${name}.archive`),
      url: clusterUrl(port, secrets.postgresPassword, 'postgres'),
    });
    this.servers = {
      postgres: server('postgres', settings.postgresPort),
      'temporal-postgres': server('temporal-postgres', temporalPostgresPort),
    };
  }

  /** Starts all servers; none of our own processes yet. */
  static async open(shutdown: Shutdown): Promise<DrillStack> {
    const size = { apis: 1, workers: 1 };
    const plan = { dataDir: DATA_DIR, program: 'drill', scheduleDays: SCHEDULE_DAYS, size };
    const stack = new DrillStack(await planScratchCluster(plan, shutdown));
    const { cluster } = stack;
    for (const server of Object.values(stack.servers))
      await archiveWal(server, cluster.secrets.postgresPassword);
    await takeSteps([
      postgres(cluster, stack.start),
      ...temporalServerSteps(cluster, stack.start),
      ...goods(cluster),
    ]);
    return stack;
  }

  get cluster(): ScratchCluster['cluster'] {
    return this.scratch.cluster;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${String(this.cluster.apis[0]?.port)}`;
  }

  private readonly start: Start = async (service) => {
    this.services.set(service.name, service);
    await this.scratch.start(service);
  };

  /** Our processes get more in their environment. */
  private readonly startOurs: Start = (service) =>
    this.start({
      ...service,
      prepare: async () => {
        const invocation = await service.prepare();
        return { ...invocation, env: { ...invocation.env, ...this.limits() } };
      },
    });

  /** A few customers do all that many do. */
  private limits(): Record<string, string> {
    return {
      PAYMENT_WINDOW_SECONDS: String(this.paymentWindowSeconds),
      RATE_LIMIT_PER_MINUTE: '100000',
    };
  }

  /** Holds of these processes last so long. */
  async openShop(paymentWindowSeconds: number): Promise<void> {
    this.paymentWindowSeconds = paymentWindowSeconds;
    await this.startWorkers();
    await this.startApis();
  }

  async startWorkers(): Promise<void> {
    await takeSteps([workers(this.cluster, this.startOurs)]);
  }

  async startApis(): Promise<void> {
    await takeSteps([apis(this.cluster, this.startOurs)]);
  }

  /** Ends the API, then the workers: nothing of ours runs any more. */
  async closeShop(): Promise<void> {
    for (const { name } of this.cluster.apis) await this.scratch.stop(name);
    for (const name of this.cluster.workers) await this.scratch.stop(name);
  }

  async backUp(database: Database): Promise<void> {
    await takeBaseBackup(this.servers[database], this.backupOf(database));
  }

  /**
   * Has a database as it was at the instant. Of ours the sandbox provider's books, which are in it,
   * stay as they are: they are another company's.
   */
  async restore(database: Database, instant: Date): Promise<void> {
    const server = this.servers[database];
    await archiveSoFar(server);
    if (database === 'temporal-postgres') {
      await this.scratch.stop('temporal');
      await this.recover(database, instant);
      await this.startAgain('temporal');
      return;
    }
    const books = await readProvidersBooks(this.cluster.databaseUrl);
    await this.recover(database, instant);
    await writeProvidersBooks(this.cluster.databaseUrl, books);
  }

  private async recover(database: Database, instant: Date): Promise<void> {
    const server = this.servers[database];
    await this.scratch.stop(database);
    await restoreTo(server, this.backupOf(database), instant);
    await this.startAgain(database);
    await untilRecovered(server);
  }

  /** Temporal and all that it had are gone; an empty one takes its place. */
  async loseTemporal(): Promise<void> {
    const server = this.servers['temporal-postgres'];
    await this.scratch.stop('temporal');
    await this.scratch.stop('temporal-postgres');
    rmSync(server.folder, { recursive: true, force: true });
    await archiveWal(server, this.cluster.secrets.postgresPassword);
    await takeSteps(temporalServerSteps(this.cluster, this.start));
  }

  private async startAgain(name: string): Promise<void> {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`Bug: ${name} was never started`);
    await this.scratch.start(service);
  }

  private backupOf(database: Database): string {
    return path.join(this.cluster.settings.dataDir, `${database}.backup`);
  }

  /** Rows of our database, which a drill may read, as everyone who looks for what was lost. */
  rows<Row>(sql: string): Promise<Row[]> {
    return query<Row>(this.cluster.databaseUrl, sql);
  }

  /** The command line of operators, on this stack. */
  flights(...args: string[]): Promise<CommandResult> {
    return runCommand(process.execPath, ['--require', CHILD, 'src/cli/main.ts', ...args], {
      timeoutMs: COMMAND_TIMEOUT_MS,
      env: {
        ...childEnvironment('worker', this.cluster, process.env),
        DATABASE_URL: this.cluster.databaseUrl,
        LOG_LEVEL: 'error',
      },
    });
  }

  /** Temporal's command line, on this stack. */
  async temporal(...args: string[]): Promise<CommandResult> {
    return runCommand(await resolveProgram(TEMPORAL_CLI), args, {
      timeoutMs: COMMAND_TIMEOUT_MS,
      env: {
        HOME: process.env.HOME,
        PATH: process.env.PATH,
        TEMPORAL_ADDRESS: this.cluster.temporalAddress,
        TEMPORAL_NAMESPACE: this.cluster.settings.temporalNamespace,
      },
    });
  }
}
