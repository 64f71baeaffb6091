import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { query } from '../../scripts/stack/postgres-cluster';
import { TEMPORAL_CLI, TEMPORAL_SERVER } from '../../scripts/stack/programs';
import { ROOT } from '../../scripts/stack/settings';

/** What was measured on, and which versions of what. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  versions: Record<string, string>;
}

export async function describeMachine(postgresUrl: string): Promise<Machine> {
  const cpus = os.cpus();
  const [postgres] = await query<{ server_version: string }>(postgresUrl, 'SHOW server_version');
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    versions: {
      'Node.js': process.versions.node,
      PostgreSQL: postgres?.server_version ?? 'unknown',
      "Temporal's full server": TEMPORAL_SERVER.version,
      "Temporal's dev server (CLI)": TEMPORAL_CLI.version,
      "Temporal's SDK": versionOf('@temporalio/worker'),
      DBOS: versionOf('@dbos-inc/dbos-sdk'),
      "Restate's SDK": versionOf('@restatedev/restate-sdk'),
      "Restate's server": restateServerVersion(),
    },
  };
}

/** As `package.json` pins it. */
function versionOf(name: string): string {
  const { dependencies, devDependencies } = readJson(path.join(ROOT, 'package.json'));
  return dependencies?.[name] ?? devDependencies?.[name] ?? 'unknown';
}

function restateServerVersion(): string {
  const { dependencies } = readJson(path.join(ROOT, 'bench/peers/restate/package.json'));
  return dependencies?.['@restatedev/restate-server'] ?? 'unknown';
}

function readJson(file: string): Partial<Record<string, Record<string, string>>> {
  return JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<string, Record<string, string>>>;
}
