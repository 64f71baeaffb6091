import { verdictOf } from '../../bench/report/bars';
import { barsOf } from '../../bench/report/sections';
import type { Results } from '../../bench/report/results';
import { measurement } from './measurements';

const results = (workload: 'book' | 'clients', ...all: Partial<Results['runs'][0]>[]): Results => ({
  runs: all.map((one) => ({
    workload,
    server: 'full' as const,
    measurements: [],
    violations: [],
    ...one,
  })),
  claims: [],
  findings: [],
});

const verdicts = (of: Results) =>
  Object.fromEntries(barsOf(of).map((bar) => [bar.what, verdictOf(bar)]));

test('a bar is met at its limit, and not beyond it', () => {
  expect(verdictOf({ what: 'share', value: 0.8, limit: { atLeast: 0.8 } })).toBe('met');
  expect(verdictOf({ what: 'share', value: 0.79, limit: { atLeast: 0.8 } })).toBe('not met');
  expect(verdictOf({ what: 'time', value: 1.4, limit: { atMost: 1.4 } })).toBe('met');
  expect(verdictOf({ what: 'time', value: 1.41, limit: { atMost: 1.4 } })).toBe('not met');
});

test('what was not measured is never met', () => {
  expect(verdictOf({ what: 'time', value: undefined, limit: { atMost: 1 } })).toBe('not measured');
  expect(verdictOf({ what: 'time', value: NaN, limit: { atMost: 1 } })).toBe('not measured');
});

test('ours is held against the floor of the same number of clients', () => {
  const measurements = [measurement(), measurement({ system: 'floor', bookings: 120 })];
  expect(verdicts(results('book', { measurements }))).toMatchObject({
    'bookings/s, ours ÷ floor, 16 clients': 'met',
    'CPU per booking, ours ÷ floor, 16 clients': 'met',
    'statements per booking': 'met',
  });
});

test('fewer bookings with more clients, and one task out of time, are not met', () => {
  const measurements = [measurement({ clients: 4 }), measurement({ clients: 64, bookings: 99 })];
  expect(verdicts(results('clients', { measurements }))).toEqual({
    'bookings/s, 64 clients ÷ 4': 'not met',
    'timed-out workflow tasks, up to 64 clients': 'not met',
  });
});

test("Temporal's dev server has no bars: it is no system that anyone runs under load", () => {
  expect(barsOf(results('book', { server: 'dev', measurements: [measurement()] }))).toEqual([]);
});
