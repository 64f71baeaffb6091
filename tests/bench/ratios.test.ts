import type { ClaimRate } from '../../bench/claims/market';
import { fallenSince, ratiosOf } from '../../bench/report/ratios';
import { isClean, type Results } from '../../bench/report/results';
import type { Findings } from '../../bench/workloads/workload';
import { measurement } from './measurements';

const floor = measurement({ system: 'floor', bookings: 200 });

const results = (...measurements: Results['runs'][0]['measurements']): Results => ({
  runs: [{ workload: 'book', server: 'full', measurements, violations: [] }],
  claims: [],
  findings: [],
});

test('ours is compared with each peer of the same run, and the higher ratio is the better', () => {
  const ratios = ratiosOf(results(measurement(), floor));
  expect(ratios['bookings/s, ours ÷ floor, 16 clients']).toBe(0.5);
  expect(ratios['CPU per booking, floor ÷ ours, 16 clients']).toBe(0.5);
  expect(ratios['state transitions per booking, floor ÷ ours, 16 clients']).toBe(1);
  expect(ratios['20 ÷ statements per booking, 16 clients']).toBe(1.333);
});

test('measurements with different numbers of clients are not mixed', () => {
  const ratios = ratiosOf(results(measurement(), { ...floor, clients: 4 }));
  expect(Object.keys(ratios).filter((name) => name.includes('floor'))).toEqual([]);
});

test('more clients are compared with the fewest', () => {
  const few = measurement({ clients: 4, bookings: 80 });
  const ratios = ratiosOf(results(measurement(), few));
  expect(ratios['bookings/s, ours at 16 ÷ ours at 4 clients']).toBe(1.25);
});

test('claims are compared hot with spread, and through our code with pgbench', () => {
  const claim: ClaimRate = {
    by: 'ours',
    unit: 'claim',
    market: 'hot',
    clients: 64,
    perSecond: 100,
  };
  const ratios = ratiosOf({
    runs: [],
    findings: [],
    claims: [
      claim,
      { ...claim, market: 'spread', perSecond: 400 },
      { ...claim, by: 'pgbench', perSecond: 125 },
    ],
  });
  expect(ratios).toEqual({
    'claims/s, one hot flight ÷ spread, ours': 0.25,
    'claims/s, ours ÷ pgbench, hot': 0.8,
  });
});

test('a ratio that fell by more than a fifth is named; a new one and a better one are not', () => {
  const now = { worse: 0.79, steady: 0.81, better: 2, fresh: 0.1 };
  expect(fallenSince({ worse: 1, steady: 1, better: 1, gone: 1 }, now)).toEqual([
    'worse: 0.79, and was 1',
  ]);
});

test('a run with more and more clients has no ratios but those to the fewest', () => {
  const run = results(measurement(), measurement({ clients: 32, bookings: 150 })).runs[0];
  const ratios = ratiosOf({
    ...results(),
    runs: run === undefined ? [] : [{ ...run, workload: 'clients' }],
  });
  expect(ratios).toEqual({ 'bookings/s, ours at 32 ÷ ours at 16 clients': 1.5 });
});

test('a run with an error, or whose auditor found something, is not clean', () => {
  expect(isClean(results(measurement()))).toBe(true);
  expect(isClean(results(measurement({ errors: { 'pay: 503': 1 } })))).toBe(false);
  const wrong = results(measurement());
  wrong.runs[0]?.violations.push('ours: a seat was sold twice');
  expect(isClean(wrong)).toBe(false);
  const faulty: Findings = {
    workload: 'rush',
    notes: [],
    tables: [],
    bars: [],
    faults: ['create: 500'],
  };
  expect(isClean({ ...results(), findings: [faulty] })).toBe(false);
});
