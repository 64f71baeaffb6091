import { Client } from 'pg';

/** What a PostgreSQL server has counted since it started. */
export interface ServerCounters {
  /** Transactions of the given databases, single statements included. */
  transactions: number;
  /** Of the whole server. */
  walBytes: number;
  /** By role, without what opens and ends transactions. */
  statements: Record<string, number>;
  /** Explicit transactions that were committed, by role. */
  commits: Record<string, number>;
}

/** Statements that only count requests against a caller's limit are told apart as this role. */
export const RATE_LIMITS = 'rate limits';

interface Row {
  role: string;
  statements: string;
  commits: string;
}

/**
 * Reads a server's counters. It must have loaded `pg_stat_statements`; the server counts in memory,
 * so reading costs the measured system next to nothing.
 */
export class CounterReader {
  private constructor(
    private readonly client: Client,
    private readonly databases: readonly string[],
  ) {}

  static async open(url: string, databases: readonly string[]): Promise<CounterReader> {
    const client = new Client({ connectionString: url, application_name: 'bench' });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    return new CounterReader(client, databases);
  }

  async read(): Promise<ServerCounters> {
    const { rows: totals } = await this.client.query<{ transactions: string; wal: string }>(
      `SELECT coalesce(sum(xact_commit), 0) AS transactions, pg_current_wal_lsn() - '0/0' AS wal
       FROM pg_stat_database WHERE datname = ANY ($1)`,
      [this.databases],
    );
    const { rows } = await this.client.query<Row>(
      `SELECT CASE WHEN query ILIKE '%rate_limit%' THEN $2 ELSE rolname END AS role,
              coalesce(sum(calls) FILTER (WHERE NOT is_transaction), 0) AS statements,
              coalesce(sum(calls) FILTER (WHERE query ~* '^commit'), 0) AS commits
       FROM pg_stat_statements s
       JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid,
       LATERAL (SELECT query ~* '^(begin|start|commit|rollback|savepoint|release)' AS is_transaction)
       WHERE datname = ANY ($1) AND toplevel GROUP BY 1`,
      [this.databases, RATE_LIMITS],
    );
    const byRole = (of: (row: Row) => string) =>
      Object.fromEntries(rows.map((row) => [row.role, Number(of(row))]));
    return {
      transactions: Number(totals[0]?.transactions),
      walBytes: Number(totals[0]?.wal),
      statements: byRole((row) => row.statements),
      commits: byRole((row) => row.commits),
    };
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** Returns what was counted between two readings. */
export function counted(before: ServerCounters, after: ServerCounters): ServerCounters {
  const difference = (first: Record<string, number>, last: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(last).map(([role, count]) => [role, count - (first[role] ?? 0)]),
    );
  return {
    transactions: after.transactions - before.transactions,
    walBytes: after.walBytes - before.walBytes,
    statements: difference(before.statements, after.statements),
    commits: difference(before.commits, after.commits),
  };
}
