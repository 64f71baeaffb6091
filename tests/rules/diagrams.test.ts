import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import {
  BOOKING_STATUSES,
  CANCELLATION_REASONS,
  canBecome,
  REFUND_STATUSES,
} from '../../src/domain/booking';
import * as changeMessages from '../../src/temporal/contracts/change';
import * as messages from '../../src/temporal/contracts/booking';
import type { BookingState } from '../../src/temporal/contracts/booking';
import * as scheduleChangeMessages from '../../src/temporal/contracts/schedule-change';
import * as refundMessages from '../../src/temporal/contracts/refund';
import type { RefundState } from '../../src/temporal/contracts/refund';

/**
 * The state diagrams of the documentation show what the code does: no step is missing, and none is
 * made up.
 */

interface Step {
  from: string;
  to: string;
  /** What it says of the step. */
  label: string;
}

/** The state diagrams of a document, in their order. */
function diagramsIn(text: string): Step[][] {
  return [...text.matchAll(/```mermaid\nstateDiagram-v2\n(.*?)```/gs)].map(([, lines = '']) =>
    [...lines.matchAll(/^ +(\S+) --> ([^\s:]+)(?:: (.*))?$/gm)].map(
      ([, from = '', to = '', label = '']) => ({ from, to, label: label.replaceAll('\\n', ' ') }),
    ),
  );
}

const diagramsOf = (file: string) => diagramsIn(readFileSync(path.join(ROOT, file), 'utf8'));

const [ofReadme] = diagramsOf('README.md');
const [ofBooking, ofActivity, ofRefund] = diagramsOf('docs/operations.md');

/** From one state to another; a step that leaves the state as it is changes nothing. */
const changesIn = (steps: Step[] = []) =>
  steps
    .filter(({ from, to }) => from !== to && from !== '[*]' && to !== '[*]')
    .map(({ from, to }) => `${from} → ${to}`)
    .sort();

const statesIn = (steps: Step[] = []) =>
  [...new Set(steps.flatMap(({ from, to }) => [from, to]))]
    .filter((state) => state !== '[*]')
    .sort();

const endsIn = (steps: Step[] = []) =>
  steps
    .filter(({ to }) => to === '[*]')
    .map(({ from }) => from)
    .sort();

const wordsIn = (steps: Step[] = []) => steps.flatMap(({ label }) => label.match(/\w+/g) ?? []);

/** The changes of a booking's status that the domain, and with it the database, lets happen. */
const CHANGES = BOOKING_STATUSES.flatMap((from) =>
  BOOKING_STATUSES.filter((to) => canBecome(from, to)).map((to) => `${from} → ${to}`),
).sort();

describe.each([
  ['README.md', ofReadme],
  ['docs/operations.md', ofBooking],
])('the life of a booking in %s', (_file, diagram) => {
  test('goes the ways that it may go, and no others', () => {
    expect(changesIn(diagram)).toEqual(CHANGES);
    expect(diagram?.find(({ from }) => from === '[*]')?.to).toBe('initiated');
    expect(endsIn(diagram)).toEqual(['booked', 'cancelled']);
  });
});

test('the README names every reason for which a booking is cancelled, and no other', () => {
  const cancellations = ofReadme?.filter(({ to }) => to === 'cancelled');
  const named = wordsIn(cancellations).filter((word) => word.includes('_'));
  expect([...new Set(named)].sort()).toEqual([...CANCELLATION_REASONS].sort());
});

test('the workflow of a booking is shown with every activity that it tells of, and no other', () => {
  const activities: Record<BookingState['activity'], true> = {
    reserving: true,
    awaiting_payment: true,
    paying: true,
    cancelling: true,
    closed: true,
    awaiting_departure: true,
    awaiting_response: true,
    changing: true,
    refunding: true,
  };
  expect(statesIn(ofActivity)).toEqual(Object.keys(activities).sort());
  expect(endsIn(ofActivity)).toEqual(['closed']);
});

test('a refund is shown with every status that it may have, and no other', () => {
  const statuses: RefundState['status'][] = [...REFUND_STATUSES, 'nothing_owed'];
  expect(statesIn(ofRefund)).toEqual(statuses.sort());
  expect(endsIn(ofRefund)).toEqual(['nothing_owed', 'succeeded']);
});

test('messages that they name are such as workflows take', () => {
  const named = wordsIn([...(ofActivity ?? []), ...(ofRefund ?? [])]).filter((word) =>
    /^[a-z]+[A-Z]/.test(word),
  );
  expect(named.length).toBeGreaterThan(4);
  const known = { ...messages, ...changeMessages, ...refundMessages, ...scheduleChangeMessages };
  expect(Object.keys(known)).toEqual(expect.arrayContaining(named));
});

test('a missing transition is found, and one that does not exist', () => {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const [without] = diagramsIn(readme.replace(/^.*pending --> booked.*$/m, ''));
  expect(changesIn(without)).not.toEqual(CHANGES);
  const [madeUp] = diagramsIn(readme.replace('booked --> [*]', 'booked --> pending: unpaid'));
  expect(changesIn(madeUp)).not.toEqual(CHANGES);
});
