import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';

/** The diagram of the rooms shows the imports that the rules allow, and no others. */

interface Rule {
  name: string;
  to: { pathNot?: string | string[] };
}

const RULES = JSON.parse(
  execFileSync(
    process.execPath,
    ['-p', 'JSON.stringify(require("./.dependency-cruiser.cjs").forbidden)'],
    { cwd: ROOT, encoding: 'utf8' },
  ),
) as Rule[];

/** Every room but two may write the log, which the diagram says in words. */
const isOfTheLog = (pattern: string) =>
  pattern.includes('/telemetry/') && pattern.includes('logger');

/** The rooms that a pattern such as `^src/(db|domain)/` names. */
function roomsIn(pattern: string): string[] {
  const [, several, one] = /^\^src\/(?:\(([^)]+)\)|([a-z]+))\//.exec(pattern) ?? [];
  return several?.split('|') ?? (one === undefined ? [] : [one]);
}

/** Allowed imports between rooms, such as `api → db`, by the rules of a kind. */
function allowed(kind: 'imports' | 'types'): string[] {
  const arrows = RULES.flatMap(({ name, to }) => {
    const room = new RegExp(`^([a-z]+)[a-z/]*-${kind}$`).exec(name)?.[1];
    const patterns = [to.pathNot ?? []].flat().filter((pattern) => !isOfTheLog(pattern));
    if (room === undefined) return [];
    return patterns.flatMap(roomsIn).flatMap((other) => {
      const [target = ''] = other.split('/');
      return target === room ? [] : [`${room} → ${target}`];
    });
  });
  return [...new Set(arrows)].sort();
}

/** The arrows of the first diagram whose nodes are rooms. */
function drawn(text: string, arrow: '-->' | '-.->'): string[] {
  const [, diagram = ''] = /^flowchart TD\n(.*?)^```$/ms.exec(text) ?? [];
  return diagram
    .split('\n')
    .map((line) => line.trim().split(` ${arrow} `))
    .filter(({ length }) => length === 2)
    .map(([from, to]) => `${String(from)} → ${String(to)}`)
    .sort();
}

const ARCHITECTURE = readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8');

test('code that one room may import from another has a solid arrow', () => {
  expect(allowed('imports').length).toBeGreaterThan(20);
  expect(drawn(ARCHITECTURE, '-->')).toEqual(allowed('imports'));
});

test('what a room knows by types alone has a dotted one', () => {
  const code = new Set(allowed('imports'));
  const typesAlone = allowed('types').filter((arrow) => !code.has(arrow));
  expect(typesAlone.length).toBeGreaterThan(4);
  expect(drawn(ARCHITECTURE, '-.->')).toEqual(typesAlone);
});
