import { cloneSources, type Clone } from './clone';

/**
 * What our own lint rules are for: each fault is planted in a file of its own and must be found
 * there.
 */
const FAULTS: [rule: string, file: string, text: string][] = [
  [
    'no-restricted-properties',
    'src/activities/planted-environment.ts',
    'export const url = process.env.DATABASE_URL;',
  ],
  [
    'no-restricted-properties',
    'src/api/planted-destructured.ts',
    'export const { env } = process;',
  ],
  [
    'no-restricted-imports',
    'src/api/planted-import.ts',
    "import { env } from 'node:process';\nexport const url = env.DATABASE_URL;",
  ],
  ['no-restricted-syntax', 'src/domain/planted-clock.ts', 'export const now = () => new Date();'],
  [
    'no-restricted-syntax',
    'src/domain/planted-dice.ts',
    'export const roll = () => Math.random();',
  ],
  [
    'no-restricted-syntax',
    'src/db/seats/planted-view.ts',
    "import type { Db } from '../connection';\nexport const give = (db: Db) => db('seats').update({ booking_id: null });",
  ],
  [
    'no-restricted-syntax',
    'src/db/seats/planted-raw-view.ts',
    "import type { Db } from '../connection';\nexport const wipe = (db: Db) => db.raw('DELETE FROM seats');",
  ],
  ['no-restricted-syntax', 'src/db/seats/planted-status.ts', 'export const SOLD_OUT = 409;'],
  [
    'no-restricted-syntax',
    'src/db/seats/planted-status-view.ts',
    'export const SOLD_OUT = { statusCode: 0 };',
  ],
  ['no-console', 'src/worker/planted-console.ts', "console.log('card');"],
];

type Report = { filePath: string; messages: { ruleId: string }[] }[];

let clone: Clone;
let found: string[];

beforeAll(() => {
  clone = cloneSources();
  clone.plant(Object.fromEntries(FAULTS.map(([, file, text]) => [file, text])));
  const files = FAULTS.map(([, file]) => file);
  const report = clone.run('eslint/bin/eslint.js', ['--format', 'json', ...files]) as Report;
  found = report.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId }) => `${ruleId}: ${filePath.slice(filePath.indexOf('src/'))}`),
  );
});

afterAll(() => clone.remove());

test.each(FAULTS)('%s stops %s', (rule, file) => {
  expect(found).toContain(`${rule}: ${file}`);
});
