import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../scripts/stack/settings';

/**
 * What docs/security.md says is shown by a test is: there is such a file, and in it a test, or a
 * group of them, whose name has these words.
 */

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Test files by the names that the page calls them by: `api/http`, `domain/person-name`. */
const FILES = new Map(
  ['tests', 'src'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file): [string, string] => [file.replace('.test.ts', ''), path.join(folder, file)]),
  ),
);

const FOLDERS = [...new Set([...FILES.keys()].map((name) => path.dirname(name).split('/')[0]))];

/** Names of the tests and groups of a file, as they are written. */
function titlesIn(file: string): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)\b/.test(node.expression.getText())) {
      const [title] = node.arguments;
      if (title !== undefined && ts.isStringLiteralLike(title)) titles.push(title.text);
      else if (title !== undefined && ts.isTemplateExpression(title)) titles.push(title.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
  return titles;
}

interface Claim {
  name: string;
  /** Words of a test's name; undefined where the whole file is meant. */
  words?: string;
}

/** Every test that a text names: `api/http`, or `api/http` “nothing of the inside”. */
function claimsIn(text: string): Claim[] {
  const oneLine = text.replaceAll(/\s+/g, ' ');
  return [...oneLine.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)*)`(?: “([^”]+)”)?/g)]
    .map(([, name = '', words]) => ({ name, ...(words === undefined ? {} : { words }) }))
    .filter(({ name, words }) => words !== undefined || isNameOfTest(name));
}

function isNameOfTest(name: string): boolean {
  return name.includes('/') && FOLDERS.includes(name.split('/')[0]);
}

function isShown({ name, words }: Claim): boolean {
  const file = FILES.get(name);
  if (file === undefined || !existsSync(path.join(ROOT, file))) return false;
  return words === undefined || titlesIn(file).some((title) => title.includes(words));
}

const page = read('docs/security.md');

test('the page names many tests, and each risk of OWASP’s list has some by name', () => {
  expect(claimsIn(page).length).toBeGreaterThan(60);
  const risks = page.split('\n').filter((line) => /^\| \[API\d+\]/.test(line));
  expect(risks).toHaveLength(10);
  for (const risk of risks)
    expect(claimsIn(risk).filter(({ words }) => words !== undefined).length).toBeGreaterThan(1);
});

test('each of them exists', () => {
  expect(claimsIn(page).filter((claim) => !isShown(claim))).toEqual([]);
});

test('one that does not exist is found', () => {
  const planted = [
    'See `api/nowhere`, `api/http` “a name that no test has”, `security/owners` “is not there”',
    'and `api/http`, and `RATE_LIMIT_PER_MINUTE`.',
  ].join('\n');
  expect(claimsIn(planted).filter((claim) => !isShown(claim))).toEqual([
    { name: 'api/nowhere' },
    { name: 'api/http', words: 'a name that no test has' },
  ]);
});
