import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ROOT } from '../../scripts/stack/settings';

/** `.env.example` is what people find settings by: it names each one that anything of ours reads. */

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

test('a copy of it changes nothing: every line is a comment', () => {
  expect(parseEnv(example)).toEqual({});
});
