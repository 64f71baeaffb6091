import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ROOT } from '../../scripts/stack/settings';
import { SECRETS } from '../../src/secret-files';

/**
 * `.env.example` is what people find settings by: it names each one that anything of ours reads.
 */

const example = read('.env.example');
const named = new Set(matches(example, /^#([A-Z_]+)=/gm));

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, name]) => name ?? []);
}

/** The variables in the zod object that a file parses its environment with. */
function environmentOf(file: string): string[] {
  const [, fields = ''] =
    /const Environment = z\s*\.object\(\{\n(.*?)\n\s*\}\)/s.exec(read(file)) ?? [];
  return matches(fields, /^\s*([A-Z][A-Z_]+):/gm);
}

test.each([
  ['src/config.ts', environmentOf('src/config.ts')],
  ['scripts/stack/settings.ts', environmentOf('scripts/stack/settings.ts')],
  ['docker-compose.yml', matches(read('docker-compose.yml'), /\$\{([A-Z_]+)/g)],
])('every variable of %s is explained', (_file, variables) => {
  expect(variables.length).toBeGreaterThan(10);
  expect(variables.filter((name) => !named.has(name))).toEqual([]);
});

test('every setting of the API and the workers is in the table of the documentation, and which may come from a file', () => {
  const table = read('docs/deployment.md').match(/^\| `.*$/gm) ?? [];
  const inTable = table.flatMap((row) => matches(row.split('|')[1] ?? '', /`([A-Z_]+)`/g));
  expect(inTable.sort()).toEqual(environmentOf('src/config.ts').sort());
  const fromFiles = table.filter((row) => row.includes('ᶠ'));
  expect(fromFiles.flatMap((row) => matches(row, /^\| `([A-Z_]+)`/g)).sort()).toEqual(
    [...SECRETS].sort(),
  );
});

test('a copy of it changes nothing: every line is a comment', () => {
  expect(parseEnv(example)).toEqual({});
});
