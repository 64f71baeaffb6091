import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  makePgTsGenerator,
  markAsGenerated,
  processDatabase,
  useKanelContext,
  type ConfigV4,
  type KanelContext,
  type Output,
  type PgTsGeneratorContext,
} from 'kanel';
import { generateKnexTablesModule } from 'kanel-knex';
import { connect } from '../src/db/connection';
import { migrateToLatest } from '../src/db/migrate';
import { startTestPostgres } from '../tests/support/postgres';

/**
 * Row types from the real schema: `npm run rows` writes them, `npm run rows -- --check` tells
 * whether they are still true.
 */

const ROWS = path.resolve(__dirname, '../src/db/rows');

/** Writes the row types of a migrated database into the folder, which is emptied first. */
export async function writeRowTypes(databaseUrl: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await processDatabase(config(databaseUrl, folder));
}

function config(databaseUrl: string, folder: string): ConfigV4 {
  return {
    connection: databaseUrl,
    schemaNames: ['public', 'sandbox_provider'],
    filter: ({ kind, name }) => kind === 'table' && !name.startsWith('schema_migrations'),
    outputPath: folder,
    generators: [
      makePgTsGenerator({
        // src/db/connection.ts reads both of them this way.
        customTypeMap: { 'pg_catalog.int8': 'number', 'pg_catalog.date': 'string' },
        // IDs are plain strings: brands would have to be cast away at every edge.
        generateIdentifierType: (column, table, builtin) => ({
          ...builtin,
          name: pascalCase(`${table.name}_${column.name}`),
          exportAs: 'named',
          typeDefinition: [/^pg_catalog\.int\d$/.test(column.type.fullName) ? 'number' : 'string'],
          comment: [],
        }),
        preRenderHooks: [
          (output, { getMetadata }) =>
            writeKnexTables(output, {
              schemas: useKanelContext().schemas,
              outputPath: folder,
              getMetadata,
            }),
        ],
      }),
    ],
    postRenderHooks: [markAsGenerated],
  };
}

/** It reads these from a second argument, which its type has lost on the way to kanel 4. */
const writeKnexTables = generateKnexTablesModule as unknown as (
  output: Output,
  settings: Pick<PgTsGeneratorContext, 'getMetadata'> &
    Pick<KanelContext, 'schemas'> & { outputPath: string },
) => Promise<Output>;

function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * What differs between two folders of row types, a line each: files that only one has, and lines
 * that one has and the other not.
 */
export function compareRowTypes(committed: string, actual: string): string[] {
  const files = new Set([...filesIn(committed), ...filesIn(actual)]);
  return [...files].sort().flatMap((file) => {
    const [before, after] = [linesOf(path.join(committed, file)), linesOf(path.join(actual, file))];
    if (before === undefined) return [`${file}: is missing`];
    if (after === undefined) return [`${file}: there is no such table`];
    if (before.join('\n') === after.join('\n')) return [];
    const gone = before
      .filter((line) => !after.includes(line))
      .map((line) => `${file}: - ${line.trim()}`);
    const come = after
      .filter((line) => !before.includes(line))
      .map((line) => `${file}: + ${line.trim()}`);
    return gone.length + come.length === 0
      ? [`${file}: the order of lines differs`]
      : [...gone, ...come];
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
}

function linesOf(file: string): string[] | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return undefined;
  }
}

/** Lets `work` have a PostgreSQL of its own, with the schema as the migrations make it. */
async function withMigratedDatabase(work: (databaseUrl: string) => Promise<void>): Promise<void> {
  const postgres = await startTestPostgres();
  try {
    const db = connect(postgres.url, { applicationName: 'rows', maxConnections: 1 });
    await migrateToLatest(db).finally(() => db.destroy());
    await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function check(databaseUrl: string): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-rows-'));
  try {
    await writeRowTypes(databaseUrl, folder);
    const differences = compareRowTypes(ROWS, folder);
    if (differences.length === 0) {
      console.log('The row types agree with the schema.');
      return;
    }
    console.error(
      `The row types are not those of the schema; \`npm run rows\` writes them.\n${differences.join('\n')}`,
    );
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  await withMigratedDatabase((url) => (values.check ? check(url) : writeRowTypes(url, ROWS)));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
