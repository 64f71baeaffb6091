import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { anchorsIn, withoutBlocks } from '../support/markdown';

/**
 * What the documents point at is there: the files and headings that they link to, and the paths
 * that they name in code spans. A path may have a `*`, or a part to fill in (`<verb>`).
 */

const FOLDERS = 'src|tests|docs|scripts|migrations|deploy|docker|data|bench|clients|console';
const PATH = new RegExp(`(?<![\\w./<-])(?:${FOLDERS})/[\\w./*<>-]*[\\w/*>]`, 'g');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
];

const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Paths in code spans, such as `src/config.ts`. */
function pathsIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].flatMap(
    ([, span = '']) => span.match(PATH) ?? [],
  );
}

/** What a document links to within the project: `operations.md#changing-keys`. */
function linksIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

function pathExists(named: string): boolean {
  if (!/[*<]/.test(named)) return existsSync(path.join(ROOT, named));
  const folder = path.join(ROOT, path.dirname(named));
  const name = path
    .basename(named)
    .replaceAll('.', '\\.')
    .replaceAll(/\*|<[^>]+>/g, '.+');
  return existsSync(folder) && readdirSync(folder).some((file) => RegExp(`^${name}$`).test(file));
}

/** A link without a path means a heading of `text`, the document `file` itself. */
function linkIsSound(link: string, file: string, text: string): boolean {
  const [linked = '', anchor] = link.split('#');
  const target = path.join(path.dirname(file), linked);
  if (linked !== '' && !existsSync(path.join(ROOT, target))) return false;
  if (anchor === undefined) return true;
  return anchorsIn(linked === '' ? text : textOf(target)).includes(anchor);
}

const brokenIn = (file: string, text = textOf(file)) => [
  ...pathsIn(text).filter((named) => !pathExists(named)),
  ...linksIn(text).filter((link) => !linkIsSound(link, file, text)),
];

test.each(documents)('every file that %s names is there, and every heading', (file) => {
  expect(brokenIn(file)).toEqual([]);
});

test('the documents name many', () => {
  const texts = documents.map((file) => textOf(file));
  expect(texts.flatMap(pathsIn).length).toBeGreaterThan(40);
  expect(texts.flatMap(linksIn).length).toBeGreaterThan(60);
});

test('what is not there is found', () => {
  const text = [
    '# The title',
    'See `src/config.ts`, `migrations/<timestamp>_<verb>_<noun>.ts`, [title](#the-title).',
    'See [keys](operations.md#changing-keys) and [a site](https://example.org/docs/none.md).',
    'See `src/none.ts`, `tests/none/*.test.ts`, `npx jest tests/none.ts`, [one](none.md),',
    '[two](#none), [three](operations.md#none).',
  ].join('\n');
  expect(brokenIn('docs/planted.md', text)).toEqual([
    ...['src/none.ts', 'tests/none/*.test.ts', 'tests/none.ts'],
    ...['none.md', '#none', 'operations.md#none'],
  ]);
});
