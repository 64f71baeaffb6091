import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../../scripts/stack/commands';
import { StackFailure } from '../../scripts/stack/failure';
import { query } from '../../scripts/stack/postgres-cluster';
import { connect } from '../../src/db/connection';
import { captureStatements } from './capture';
import {
  CLAIMS_PER_HOT_FLIGHT,
  type ClaimLoad,
  type ClaimRate,
  type Market,
  type Unit,
} from './market';
import { carryOut } from './request';
import { pgbenchScript } from './script';

/** What each claim or sale begins with: values of its own. References have no 0 and no 1. */
const PREPARATION: Record<Market, string> = {
  spread: prepare('1 + floor(random() * (SELECT count(*) FROM bench_flights))'),
  hot: prepare(`1 + nextval('bench_begun') / ${CLAIMS_PER_HOT_FLIGHT}`),
};

function prepare(flightNumber: string): string {
  return `SELECT (${flightNumber})::integer AS n \\gset
SELECT id AS flight, gen_random_uuid() AS booking, 'bench-' || gen_random_uuid() AS customer,
  gen_random_uuid() AS key, gen_random_uuid() AS payment, gen_random_uuid() AS payment_key,
  gen_random_uuid() AS capture, 'pi_' || gen_random_uuid() AS charge,
  translate(lpad(upper(to_hex(nextval('bench_references'))), 6, '0'), '01', 'GH') AS reference
FROM bench_flights WHERE n = :n \\gset`;
}

/**
 * Claims or sales by pgbench in a closed loop, with exactly the statements of our code. Returns how many a
 * second: what PostgreSQL can do, whoever asks.
 */
export async function claimByPgbench(
  databaseUrl: string,
  flights: readonly string[],
  trade: Pick<ClaimRate, 'unit' | 'market'>,
  { clients, seconds, folder }: ClaimLoad,
): Promise<number> {
  const program = findPgbench();
  if (program === undefined) throw new StackFailure('There is no pgbench on this machine.');
  const rows = flights.map((id, index) => `(${index + 1}, '${id}'::uuid)`).join();
  await query(
    databaseUrl,
    `CREATE TABLE bench_flights (n integer PRIMARY KEY, id uuid NOT NULL);
     INSERT INTO bench_flights VALUES ${rows};
     CREATE SEQUENCE bench_begun MINVALUE 0 START 0;
     CREATE SEQUENCE bench_references START 100000;`,
  );
  const script = path.join(folder, `${trade.unit}s-${trade.market}.sql`);
  writeFileSync(script, await scriptOf(databaseUrl, flights, trade));
  const { exitCode, stdout, stderr } = await runCommand(
    program,
    ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds)].concat([
      ...['-f', script],
      databaseUrl,
    ]),
    { timeoutMs: (seconds + 60) * 1000 },
  );
  if (exitCode !== 0)
    throw new StackFailure(`pgbench failed: ${/error: *(.*)/.exec(stderr)?.[1] ?? ''}`, stderr);
  const rate = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
  // Connecting counts as part of its time, and it then shows no rate.
  if (rate === undefined)
    throw new StackFailure(
      `pgbench made no ${trade.unit} within ${seconds} s: measure for longer.`,
      stdout,
    );
  await requireBookings(databaseUrl, trade.unit, Number(/processed: (\d+)/.exec(stdout)?.[1]));
  return Number(rate);
}

const STATUS: Record<Unit, string> = { claim: 'pending', sale: 'booked' };

/** A script that changed nothing would be quick. @throws StackFailure when it was. */
async function requireBookings(databaseUrl: string, unit: Unit, transactions: number) {
  const [found] = await query<{ made: number }>(
    databaseUrl,
    `SELECT count(*)::integer AS made FROM bookings WHERE status = '${STATUS[unit]}'`,
  );
  if (!(Number(found?.made) >= transactions))
    throw new StackFailure(`${transactions} ${unit}s by pgbench made ${found?.made} bookings.`);
}

/** Takes the statements of one that is our own; the one before it opens the connection. */
async function scriptOf(
  databaseUrl: string,
  flights: readonly string[],
  { unit, market }: Pick<ClaimRate, 'unit' | 'market'>,
): Promise<string> {
  const flight = flights.at(-1) ?? '';
  const db = connect(databaseUrl, { applicationName: 'bench-claims', maxConnections: 1 });
  try {
    await carryOut(unit, db, flight);
    const { statements, result } = await captureStatements(() => carryOut(unit, db, flight));
    const variables = new Map(Object.entries(result).map(([name, value]) => [value, name]));
    return pgbenchScript(PREPARATION[market], statements, variables);
  } finally {
    await db.destroy();
  }
}

/** Where Debian's packages of PostgreSQL have their programs. */
const DEBIAN = '/usr/lib/postgresql';

export function findPgbench(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...(existsSync(DEBIAN)
      ? readdirSync(DEBIAN).map((version) => path.join(DEBIAN, version, 'bin'))
      : []),
  ];
  return folders.map((folder) => path.join(folder, 'pgbench')).find((file) => existsSync(file));
}
