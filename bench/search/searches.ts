import { build, type Histogram } from 'hdr-histogram-js';
import { query } from '../../scripts/stack/postgres-cluster';
import type { Db } from '../../src/db/connection';
import type { FlightSearch } from '../../src/db/flights/flight-view';
import { explain, type Plan, type TableScan } from '../measure/plan';
import { rounded } from '../report/numbers';
import { textTable } from '../report/tables';
import type { SearchKind } from './kinds';
import type { ScratchDatabase } from './scratch-database';

/** So many searches come before the first that counts: caches fill, and the connection is there. */
const WARM_UP = 200;

/** How many searches are explained, the same ones in each database. */
const EXPLAINED = 51;

/** One more than customers see by default, as the API asks for. */
const LIMIT = 21;

const DAYS_OF_A_WEEK = 7;

interface Figures {
  days: number;
  flights: number;
  databaseMb: number;
  searches: number;
  p50Ms: number;
  p99Ms: number;
  /** Medians of the searches that were explained. */
  planningMs: number;
  executionMs: number;
  buffers: number;
  /** How one of them was carried out, the same one in each database. */
  scans: TableScan[];
}

export interface Comparison {
  kind: string;
  databases: Figures[];
  /** Of the database with the most days to the one with the fewest. */
  ratios: { p50: number; p99: number; execution: number; buffers: number };
}

/**
 * Searches in each database in turn, for the same route on the same weekday: whatever else the
 * machine does meanwhile slows all of them down alike. The weeks are spread over all that a
 * database has on sale.
 */
export async function compareSearches(
  databases: ScratchDatabase[],
  rounds: number,
  kind: SearchKind,
): Promise<Comparison> {
  const runs = databases.map((database) => ({
    ...database,
    microseconds: build(),
    plans: [] as Plan[],
  }));
  const first = runs[0] ?? missing();
  const routes = await query<Route>(first.url, kind.routes);
  for (let round = -WARM_UP; round < rounds; round += 1) {
    const route = routes[Math.floor(Math.random() * routes.length)] ?? missing();
    for (const run of runs) {
      const search = searchFor(route, run.days);
      const microseconds = await timed(() => kind.search(run.db, search));
      if (round >= 0) run.microseconds.recordValue(microseconds);
    }
  }
  for (let sample = 0; sample < EXPLAINED; sample += 1) {
    const route = routes[Math.floor(Math.random() * routes.length)] ?? missing();
    for (const run of runs) {
      const search = searchFor(route, run.days);
      run.plans.push(await explain(run.db, (db) => kind.search(db, search)));
    }
  }
  const typical = middleBy(first.plans, (plan) => plan.buffers);
  const figures = await Promise.all(
    runs.map((run) => figuresOf(run, first.plans.indexOf(typical))),
  );
  return { kind: kind.name, databases: figures, ratios: ratiosOf(figures) };
}

interface Route {
  origin: string;
  destination: string;
  /** In the first week on sale. */
  date: string;
}

function searchFor({ origin, destination, date }: Route, days: number): FlightSearch {
  const later = new Date(`${date}T00:00:00Z`);
  const weeks = Math.floor((days - 1) / DAYS_OF_A_WEEK);
  const week = Math.floor(Math.random() * Math.max(1, weeks));
  later.setUTCDate(later.getUTCDate() + week * DAYS_OF_A_WEEK);
  return {
    origins: [origin],
    destinations: [destination],
    date: later.toISOString().slice(0, 10),
    passengers: 1,
    cabin: null,
    sort: 'departure',
    limit: LIMIT,
    departingAfter: new Date(),
    after: null,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) * 1000;
}

interface SearchRun extends ScratchDatabase {
  microseconds: Histogram;
  plans: Plan[];
}

async function figuresOf(
  { days, db, microseconds, plans }: SearchRun,
  shown: number,
): Promise<Figures> {
  const size = await sizeOf(db);
  const milliseconds = (percentile: number) =>
    rounded(microseconds.getValueAtPercentile(percentile) / 1000, 2);
  const median = (of: (plan: Plan) => number) => rounded(of(middleBy(plans, of)), 3);
  return {
    days,
    ...size,
    searches: microseconds.totalCount,
    p50Ms: milliseconds(50),
    p99Ms: milliseconds(99),
    planningMs: median((plan) => plan.planningMs),
    executionMs: median((plan) => plan.executionMs),
    buffers: median((plan) => plan.buffers),
    scans: plans[shown]?.scans ?? [],
  };
}

function middleBy(plans: readonly Plan[], of: (plan: Plan) => number): Plan {
  return [...plans].sort((a, b) => of(a) - of(b))[plans.length >> 1] ?? missing();
}

async function sizeOf(db: Db): Promise<{ flights: number; databaseMb: number }> {
  const { rows } = await db.raw<{ rows: [{ flights: number; databaseMb: number }] }>(
    `SELECT (SELECT count(*) FROM flights) AS flights,
            pg_database_size(current_database()) / 1048576 AS "databaseMb"`,
  );
  return rows[0];
}

function ratiosOf(figures: Figures[]): Comparison['ratios'] {
  const [fewest, most] = [figures[0] ?? missing(), figures.at(-1) ?? missing()];
  const ratio = (of: (one: Figures) => number) => rounded(of(most) / of(fewest), 2);
  return {
    p50: ratio((one) => one.p50Ms),
    p99: ratio((one) => one.p99Ms),
    execution: ratio((one) => one.executionMs),
    buffers: ratio((one) => one.buffers),
  };
}

function missing(): never {
  throw new Error('Bug: there is no database with flights to compare');
}

/** The comparison as people read it. */
export function renderComparison({ kind, databases, ratios }: Comparison): string {
  const heads = ['days', 'flights', 'MB', 'searches', 'p50 ms', 'p99 ms'];
  const figures = databases.map((one) => [
    ...[one.days, one.flights, one.databaseMb, one.searches, one.p50Ms, one.p99Ms],
    ...[one.planningMs, one.executionMs, one.buffers],
  ]);
  return [
    `Search: ${kind}`,
    textTable([[...heads, 'planning ms', 'execution ms', 'buffers'], ...figures]),
    `Most days to fewest: ${Object.entries(ratios)
      .map(([name, ratio]) => `${name} ${ratio}`)
      .join(', ')}`,
    ...databases.map(({ days, scans }) => `One search of ${days} days:\n${renderScans(scans)}`),
  ].join('\n\n');
}

function renderScans(scans: TableScan[]): string {
  const rows = scans.map((scan) => [scan.how, scan.of, scan.loops, scan.rows, scan.heapFetches]);
  return textTable([['scan', 'of', 'loops', 'rows', 'heap fetches'], ...rows]);
}
