import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { namedMutants } from '../mutants/all';
import { guardRows } from '../mutants/guard-table';
import { mutated } from '../mutants/mutant';
import { createTestDatabase } from '../support/database';

const rowNames = guardRows().map(({ section, guard }) => `${section}: ${guard}`);
const mutants = namedMutants();

test('each row of the table of guards has a mutant, and each mutant a row', () => {
  const guarded = new Set(mutants.map(({ section, guard }) => `${section}: ${guard}`));
  expect([...guarded].sort()).toEqual([...new Set(rowNames)].sort());
});

test('each mutant of our code changes what it means to', () => {
  const faults = mutants.flatMap(({ name, mutant }) => {
    if (!('file' in mutant)) return [];
    try {
      mutated(readFileSync(path.join(ROOT, mutant.file), 'utf8'), mutant);
      return mutant.text === mutant.becomes ? [`${name}: it changes nothing`] : [];
    } catch (failure) {
      return [`${name}: ${String(failure)}`];
    }
  });
  expect(faults).toEqual([]);
});

test('each mutant of the database takes away what is there', async () => {
  const database = await createTestDatabase();
  const faults: string[] = [];
  for (const { name, mutant } of mutants) {
    if (!('sql' in mutant)) continue;
    const trx = await database.knex.transaction();
    await trx
      .raw(mutant.sql)
      .catch((failure: unknown) => faults.push(`${name}: ${String(failure)}`));
    await trx.rollback();
  }
  await database.drop();
  expect(faults).toEqual([]);
});

test('each mutant has a suite that is to notice it', () => {
  const missing = mutants.filter(({ mutant: { noticedBy } }) => {
    try {
      return readFileSync(path.join(ROOT, noticedBy.suite), 'utf8') === '';
    } catch {
      return true;
    }
  });
  expect(missing.map(({ name, mutant }) => `${name}: ${mutant.noticedBy.suite}`)).toEqual([]);
});
