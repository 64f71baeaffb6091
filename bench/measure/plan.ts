import type { Client } from 'pg';
import type { Db } from '../../src/db/connection';

/** One way into a table, as PostgreSQL took it. */
export interface TableScan {
  how: string;
  /** The index; the table, where none was used. */
  of: string;
  loops: number;
  /** Of all loops together. */
  rows: number;
  /** Rows that an index-only scan had to look up in the table after all. */
  heapFetches: number;
}

export interface Plan {
  planningMs: number;
  executionMs: number;
  /** Pages of 8 kB that were looked at, in memory or not. */
  buffers: number;
  scans: TableScan[];
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Loops': number;
  'Actual Rows': number;
  'Heap Fetches'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

interface Explanation {
  Plan: PlanNode;
  'Planning Time': number;
  'Execution Time': number;
}

/**
 * Runs what sends one query, then has PostgreSQL explain that very query: its text is taken on its
 * way out, not copied.
 */
export async function explain(db: Db, work: (db: Db) => Promise<unknown>): Promise<Plan> {
  const sent: { sql: string; bindings: unknown[] }[] = [];
  const note = (query: { sql: string; bindings: unknown[] }) => sent.push(query);
  db.on('query', note);
  await work(db).finally(() => db.removeListener('query', note));
  const [query, ...others] = sent;
  if (query === undefined || others.length > 0)
    throw new Error('Bug: one query was to be explained');
  return planOf(
    await run(db, `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${query.sql}`, query.bindings),
  );
}

/** Its text has the driver's own placeholders already, so it goes to the driver itself. */
async function run(db: Db, sql: string, bindings: unknown[]): Promise<Explanation> {
  const pool = db.client as {
    acquireConnection(): Promise<Client>;
    releaseConnection(connection: Client): Promise<void>;
  };
  const connection = await pool.acquireConnection();
  try {
    const { rows } = await connection.query<{ 'QUERY PLAN': [Explanation] }>(sql, bindings);
    if (rows[0] === undefined) throw new Error('Bug: no explanation came');
    return rows[0]['QUERY PLAN'][0];
  } finally {
    await pool.releaseConnection(connection);
  }
}

function planOf(explanation: Explanation): Plan {
  const root = explanation.Plan;
  return {
    planningMs: explanation['Planning Time'],
    executionMs: explanation['Execution Time'],
    buffers: root['Shared Hit Blocks'] + root['Shared Read Blocks'],
    scans: nodesBelow(root).flatMap((node) => scanOf(node) ?? []),
  };
}

function nodesBelow(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesBelow)];
}

function scanOf(node: PlanNode): TableScan | undefined {
  const of = node['Index Name'] ?? node['Relation Name'];
  if (of === undefined) return undefined;
  const loops = node['Actual Loops'];
  return {
    how: node['Node Type'],
    of,
    loops,
    rows: Math.round(node['Actual Rows'] * loops),
    heapFetches: node['Heap Fetches'] ?? 0,
  };
}
