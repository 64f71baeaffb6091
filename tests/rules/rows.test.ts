import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compareRowTypes, writeRowTypes } from '../../scripts/rows';
import { ROOT } from '../../scripts/stack/settings';
import { createTestDatabase, type TestDatabase } from '../support/database';

const COMMITTED = path.join(ROOT, 'src/db/rows');

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  // The generator tells of every file that it writes.
  jest.spyOn(console, 'info').mockImplementation();
  database = await createTestDatabase();
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-rows-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

async function differences(): Promise<string[]> {
  await writeRowTypes(database.url, folder);
  return compareRowTypes(COMMITTED, folder);
}

test('the row types are those of the schema', async () => {
  expect(await differences()).toEqual([]);
});

test('a column that the row types lack is told', async () => {
  await database.knex.raw('ALTER TABLE airports ADD COLUMN elevation integer');
  expect(await differences()).toEqual([
    'public/Airports.ts: + elevation: number | null;',
    'public/Airports.ts: + elevation?: number | null;',
    'public/Airports.ts: + elevation?: number | null;',
  ]);
});

test('a table that is gone is told, and one that is new', () => {
  const committed = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-rows-'));
  cpSync(COMMITTED, committed, { recursive: true });
  rmSync(path.join(committed, 'public/Seats.ts'));
  expect(compareRowTypes(COMMITTED, committed)).toEqual([
    'public/Seats.ts: there is no such table',
  ]);
  expect(compareRowTypes(committed, COMMITTED)).toEqual(['public/Seats.ts: is missing']);
  rmSync(committed, { recursive: true });
});
