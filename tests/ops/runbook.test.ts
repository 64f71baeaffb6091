import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runOps } from '../../scripts/ops/run';
import { ROOT } from '../../scripts/stack/settings';
import { BOOKING_STATUSES, canBecome, REFUND_STATUSES } from '../../src/domain/booking';
import type { BookingState } from '../../src/temporal/contracts';

/** The runbook says of the code what is so. */

const RUNBOOK = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');

/** The steps of the state diagrams, in their order: from which state to which. */
const DIAGRAMS = [...RUNBOOK.matchAll(/```mermaid\nstateDiagram-v2\n(.*?)```/gs)].map(
  ([, diagram = '']) =>
    [...diagram.matchAll(/^ +(\S+) --> (\w+|\[\*\])/gm)].map(([, from = '', to = '']) => [
      from,
      to,
    ]),
);

const between = (steps: string[][] = []) => steps.filter((step) => !step.includes('[*]'));
const statesOf = (steps: string[][] = []) => new Set(between(steps).flat());

test('a booking goes the ways that the first diagram shows, and no others', () => {
  const ways = BOOKING_STATUSES.flatMap((from) =>
    BOOKING_STATUSES.filter((to) => canBecome(from, to)).map((to) => [from, to]),
  );
  expect(between(DIAGRAMS[0]).sort()).toEqual(ways.sort());
});

test('the other two show every activity of a booking’s workflow, and every status of a refund', () => {
  const activities: Record<BookingState['activity'], true> = {
    ...{ reserving: true, awaiting_payment: true, paying: true, cancelling: true, closed: true },
  };
  expect(statesOf(DIAGRAMS[1])).toEqual(new Set(Object.keys(activities)));
  expect(statesOf(DIAGRAMS[2])).toEqual(new Set([...REFUND_STATUSES, 'nothing_owed']));
});

describe('every command in it is one', () => {
  const scripts = Object.keys(
    (
      JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      }
    ).scripts,
  );
  const named = [...RUNBOOK.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name);
  const typed = [...RUNBOOK.matchAll(/^ *\$ npm run --silent ops -- (.+)$/gm)].map(
    ([, args = '']) => args,
  );

  test('of npm', () => {
    expect(named.length).toBeGreaterThan(20);
    expect(scripts).toEqual(expect.arrayContaining(named));
  });

  test.each(typed)('npm run ops -- %s', async (line) => {
    const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word ?? '');
    const err: string[] = [];
    const reached = () => Promise.reject(new Error('It would be carried out.'));
    const terminal = { print: () => undefined, complain: (text: string) => err.push(text) };
    expect(await runOps(args, reached, terminal)).toBe(1);
    expect(err).toEqual(['It would be carried out.']);
  });
});
