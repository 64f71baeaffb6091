import { readdirSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { query } from '../../../scripts/stack/postgres-cluster';
import { BOOKING_WORKFLOW } from '../../../src/temporal/contracts/booking';
import { infoOf } from '../../measure/histories';
import { lookAt } from '../../measure/processes';
import type { OurStack } from '../bench';

/** Everything that is looked at, by its name. */
export type Sample = Record<string, number>;

/** What a figure is called, and in what it is counted. */
export interface Gauge {
  name: string;
  unit: string;
  group: 'memory' | 'handles' | 'database' | 'histories';
  /** What is judged: how much it grows in the run, as a share of it, or where it stands. */
  judged: 'growth' | 'median';
  atMost: number;
}

const MB = 1024 * 1024;
const KB = 1024;

/** Memory is taken as it is needed, and given back late. */
const MEMORY = 0.15;
const STEADY = 0.1;
/** Of all rows, in per cent: `autovacuum_vacuum_scale_factor` by default. */
const VACUUM_STARTS_AT = 20;

/** Whatever a sale leaves behind for good grows with the sales, so that it is told for each. */
export const GAUGES: readonly Gauge[] = [
  ...['API', 'worker', 'Temporal', "Temporal's PostgreSQL", 'PostgreSQL'].map((part) => ({
    ...steady('memory of its own', 'MB', 'memory', part),
    atMost: MEMORY,
  })),
  ...['API', 'worker'].flatMap((part): Gauge[] => [
    { ...steady('heap in use', 'MB', 'memory', part), atMost: MEMORY },
    steady('open files', '', 'handles', part),
    steady('connections to PostgreSQL', '', 'handles', part),
  ]),
  {
    ...steady('dead rows among all', '%', 'database', 'PostgreSQL'),
    judged: 'median',
    atMost: VACUUM_STARTS_AT,
  },
  steady('tables and indexes, per sale', 'kB', 'database', 'PostgreSQL'),
  steady('indexes, per byte of tables', '', 'database', 'PostgreSQL'),
  steady('WAL, per sale', 'kB', 'database', 'PostgreSQL'),
  steady('its databases, per sale', 'kB', 'database', "Temporal's PostgreSQL"),
  steady('events', '', 'histories', 'history of a sale'),
  steady('size', 'kB', 'histories', 'history of a sale'),
];

function steady(what: string, unit: string, group: Gauge['group'], part: string): Gauge {
  return { name: `${part}: ${what}`, unit, group, judged: 'growth', atMost: STEADY };
}

/** Reads everything at one moment. Sales are counted from the first reading on. */
export class Gauges {
  private base: Totals | undefined;

  constructor(
    private readonly stack: OurStack,
    /** Where the processes show their metrics. */
    private readonly metrics: Record<'API' | 'worker', string>,
  ) {}

  async read(): Promise<Sample> {
    const { system, instruments } = this.stack;
    const parts = lookAt(instruments.runDir, system.parts);
    const sample: Sample = {};
    for (const [part, now] of Object.entries(parts)) {
      if (now === undefined) continue;
      sample[`${part}: memory of its own`] = now.ownBytes / MB;
      sample[`${part}: open files`] = countFiles(now.pids);
    }
    for (const [part, url] of Object.entries(this.metrics)) {
      const text = await (await fetch(url)).text();
      sample[`${part}: heap in use`] = sumOf(text, 'nodejs_heap_size_used_bytes') / MB;
      sample[`${part}: connections to PostgreSQL`] =
        sumOf(text, 'database_pool_connections', 'used') +
        sumOf(text, 'database_pool_connections', 'free');
    }
    return { ...sample, ...(await this.databases()), ...(await historiesOf(instruments.temporal)) };
  }

  private async databases(): Promise<Sample> {
    const now = await readTotals(this.stack);
    this.base ??= now;
    const sales = now.sales - this.base.sales;
    const { base } = this;
    const perSale = (of: (totals: Totals) => number) =>
      sales === 0 ? NaN : (of(now) - of(base)) / sales / KB;
    return {
      'PostgreSQL: dead rows among all': (100 * now.dead) / Math.max(1, now.dead + now.live),
      'PostgreSQL: tables and indexes, per sale': perSale(
        ({ tables, indexes }) => tables + indexes,
      ),
      'PostgreSQL: indexes, per byte of tables': now.indexes / now.tables,
      'PostgreSQL: WAL, per sale': perSale(({ wal }) => wal),
      "Temporal's PostgreSQL: its databases, per sale": perSale(({ temporal }) => temporal),
    };
  }
}

interface Totals {
  sales: number;
  dead: number;
  live: number;
  tables: number;
  indexes: number;
  wal: number;
  temporal: number;
}

async function readTotals({ lab }: OurStack): Promise<Totals> {
  const [ours] = await query<Record<keyof Totals, string>>(
    lab.cluster.databaseUrl,
    `SELECT (SELECT count(*) FROM bookings WHERE status = 'booked') AS sales,
       sum(n_dead_tup) AS dead, sum(n_live_tup) AS live,
       sum(pg_table_size(relid)) AS tables, sum(pg_indexes_size(relid)) AS indexes,
       pg_current_wal_lsn() - '0/0' AS wal
     FROM pg_stat_user_tables`,
  );
  const [temporal] = await query<{ bytes: string }>(
    lab.temporalPostgresUrl ?? '',
    `SELECT sum(pg_database_size(datname)) AS bytes FROM pg_database
     WHERE datname LIKE 'temporal%'`,
  );
  const totals = { ...ours, temporal: temporal?.bytes };
  return Object.fromEntries(
    Object.entries(totals).map(([name, value]) => [name, Number(value)]),
  ) as unknown as Totals;
}

/** The latest sales: older ones don't change any more. */
const LATEST = 10;

async function historiesOf(client: Client): Promise<Sample> {
  const { executions } = await client.workflowService.listWorkflowExecutions({
    namespace: client.options.namespace,
    query: `WorkflowType = '${BOOKING_WORKFLOW}' AND BookingStatus = 'booked'`,
    pageSize: LATEST,
  });
  const ids = executions.map(({ execution }) => execution?.workflowId ?? '');
  const infos = await Promise.all(ids.map((id) => infoOf(client, id)));
  const mean = (of: (info: (typeof infos)[number]) => unknown) =>
    infos.reduce((sum, info) => sum + Number(of(info)), 0) / infos.length;
  return {
    'history of a sale: events': mean(({ historyLength }) => historyLength),
    'history of a sale: size': mean(({ historySizeBytes }) => historySizeBytes) / KB,
  };
}

function countFiles(pids: string): number {
  return pids.split(',').reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

/**
 * The sum of a metric in Prometheus' text, of one state if that is named.
 *
 * @throws Error when there is no such metric: a figure that nobody writes would stay at 0.
 */
function sumOf(text: string, name: string, state?: string): number {
  const labels = state === undefined ? '(?:\\{[^}]*\\})?' : `\\{[^}]*state="${state}"[^}]*\\}`;
  const lines = [...text.matchAll(new RegExp(`^${name}${labels} (\\S+)$`, 'gm'))];
  if (lines.length === 0)
    throw new Error(`Bug: no process shows ${name} of ${state ?? 'any state'}`);
  return lines.reduce((sum, [, value]) => sum + Number(value), 0);
}
