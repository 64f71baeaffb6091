import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { lastLine, runCommand } from './commands';
import { StackFailure } from './failure';
import { giveTo, ordinaryUser, type Invocation, type OrdinaryUser } from './ordinary-user';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries';

const ROLE = 'flight_bookings';
export const DATABASE = 'flight_bookings';

/** PostgreSQL's data in one folder, and how to run a server on it. */
export interface PostgresCluster {
  folder: string;
  /** How to start the server. Settings are PostgreSQL's own names and values. */
  serverOn(port: number, settings?: Record<string, string | number>): Invocation;
}

/**
 * Opens the cluster in the folder, making it first where there is none.
 *
 * It is made beside the folder and takes its name when it is whole, so an interrupted start leaves
 * nothing half made.
 */
export async function openCluster(folder: string, password: string): Promise<PostgresCluster> {
  const binaries = postgresBinaries();
  const user = await ordinaryUser(binaries.postgres);
  if (existsSync(folder)) giveTo(user, folder);
  else await makeCluster(folder, password, binaries, user);
  return {
    folder,
    serverOn: (port, settings = {}) =>
      user.invoke(binaries.postgres, [
        '-D',
        folder,
        ...asArguments({ ...SERVER, ...settings, port }),
      ]),
  };
}

/**
 * Only this machine connects, by TCP; a laptop's share of memory; enough connections for API,
 * worker and a benchmark.
 */
const SERVER = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 200,
  shared_buffers: '256MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

function asArguments(settings: Record<string, string | number>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function makeCluster(
  folder: string,
  password: string,
  { initdb }: PostgresBinaries,
  user: OrdinaryUser,
) {
  const workshop = `${folder}.new`;
  rmSync(workshop, { recursive: true, force: true });
  mkdirSync(workshop, { recursive: true, mode: 0o700 });
  const data = path.join(workshop, 'data');
  const passwordFile = path.join(workshop, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  giveTo(user, workshop);

  try {
    const { command, args, uid, gid } = user.invoke(initdb, [
      `--pgdata=${data}`,
      `--username=${ROLE}`,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    const result = await runCommand(command, args, { timeoutMs: 120_000, uid, gid });
    if (result.exitCode !== 0)
      throw new StackFailure(
        `PostgreSQL's data can't be made in ${folder}: ${reason(result.stderr)}.`,
      );
    renameSync(data, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** initdb gives the reason first, tidies up, and says so last. */
function reason(stderr: string): string {
  const lines = [...stderr.matchAll(/(?:FATAL|error|HINT): +(.*?)\.?$/gm)].map(([, text]) => text);
  return lines.length > 0 ? lines.slice(0, 2).join('; ') : lastLine(stderr);
}

/** The URL of a database in a cluster of ours. */
export function clusterUrl(port: number, password: string, database: string): string {
  return `postgresql://${ROLE}:${password}@127.0.0.1:${port}/${database}`;
}

/** Returns whether the server at the URL takes queries now. */
export async function answers(url: string): Promise<boolean> {
  return await query(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Makes the database unless it is there. */
export async function createDatabase(url: string, name: string): Promise<void> {
  const found = await query(url, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (found.length === 0) await query(url, `CREATE DATABASE ${name}`);
}

/** One statement on a connection of its own. */
export async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  // A server that goes away breaks idle connections with an event; what was asked has had its
  // answer, or fails by itself.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(sql);
    return rows as Row[];
  } finally {
    await client.end();
  }
}
