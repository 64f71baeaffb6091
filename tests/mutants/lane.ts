import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createDatabase, query } from '../../scripts/stack/postgres-cluster';
import { ROOT } from '../../scripts/stack/settings';
import { connect } from '../../src/db/connection';
import { prepareDatabase } from '../../src/db/prepare';
import { databaseUrl, processUrls, TEMPLATE } from '../support/database';
import { startTestPostgres, type TestPostgres } from '../support/postgres';
import { mutated, type Mutant } from './mutant';

/** The migrated database as it is without any mutant. */
const SOUND = 'sound_template';

/** A copy of the tree with a PostgreSQL of its own, in which one mutant at a time lives. */
export interface Lane {
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Does something while the mutant lives here, and removes it again, whatever happens. */
  withMutant<Result>(mutant: Mutant, work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export async function openLane(): Promise<Lane> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-mutants-'));
  copyTree(folder);
  const postgres = await startTestPostgres();
  await prepareTemplate(postgres);
  return {
    folder,
    env: { ...process.env, TEST_POSTGRES_URL: postgres.url },
    withMutant: async (mutant, work) => {
      const heal = 'sql' in mutant ? await spoil(postgres, mutant.sql) : rewrite(folder, mutant);
      try {
        return await work();
      } finally {
        await heal();
      }
    },
    close: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What is in the tree now, committed or not; the packages are those of the tree. */
function copyTree(folder: string): void {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => name !== ''))
    cpSync(path.join(ROOT, file), path.join(folder, file), { force: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
}

async function prepareTemplate({ url }: TestPostgres): Promise<void> {
  await createDatabase(url, SOUND);
  const db = connect(databaseUrl(SOUND, undefined, url), {
    applicationName: 'mutants',
    maxConnections: 1,
  });
  await prepareDatabase(db, processUrls(SOUND, url));
  await db.destroy();
  await copyDatabase(url);
}

async function copyDatabase(url: string): Promise<void> {
  await query(
    databaseUrl('postgres', undefined, url),
    `CREATE DATABASE ${TEMPLATE} TEMPLATE ${SOUND}`,
  );
}

/** @throws when the statement fails: the rule that it takes away is not there. */
async function spoil({ url }: TestPostgres, sql: string): Promise<() => Promise<void>> {
  await query(databaseUrl(TEMPLATE, undefined, url), sql);
  return async () => {
    await query(databaseUrl('postgres', undefined, url), `DROP DATABASE ${TEMPLATE} WITH (FORCE)`);
    await copyDatabase(url);
  };
}

function rewrite(folder: string, mutant: Extract<Mutant, { file: string }>): () => Promise<void> {
  const file = path.join(folder, mutant.file);
  const sound = readFileSync(file, 'utf8');
  writeFileSync(file, mutated(sound, mutant));
  return async () => {
    await writeFile(file, sound);
  };
}
