import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { runFlights } from '../../src/cli/run';
import { findTarget } from '../../src/cli/target';

/** The runbook says of the code what is so. */

const RUNBOOK = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');

describe('every command in it is one', () => {
  const scripts = Object.keys(
    (
      JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      }
    ).scripts,
  );
  const named = [...RUNBOOK.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
  const typed = [...RUNBOOK.matchAll(/^ *\$ npm run --silent flights -- (?!gate)(.+)$/gm)].map(
    ([, args = '']) => args,
  );

  test('of npm', () => {
    expect(named.length).toBeGreaterThan(20);
    expect(scripts).toEqual(expect.arrayContaining(named));
  });

  test('of `flights`', () => expect(typed.length).toBeGreaterThan(10));

  test.each(typed)('flights %s', async (line) => {
    const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word ?? '');
    const err: string[] = [];
    const reached = () => Promise.reject(new Error('It would be carried out.'));
    const terminal = { print: () => undefined, complain: (text: string) => err.push(text) };
    const systems = {
      target: () => findTarget({}),
      withDatabase: reached,
      withTemporal: reached,
      withSystem: reached,
    };
    expect(await runFlights(args, systems, terminal)).toBe(1);
    expect(err).toEqual(['It would be carried out.']);
  });
});
