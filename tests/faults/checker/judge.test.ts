import fc from 'fast-check';
import { BROKEN_PROMISES } from './broken-promises';
import { playIdealRun } from './ideal-shop';
import { CHECKS, judge } from './judge';

const seeds = fc.integer({ min: 1, max: 1_000_000 });

test('a shop that keeps its promises is not accused, whatever is lost, repeated and done at once', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(judge(playIdealRun(seed))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test.each(BROKEN_PROMISES)('found by $check: $what', ({ check, breakIt }) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const history = playIdealRun(seed);
      fc.pre(breakIt(history));
      expect(judge(history).map((finding) => finding.check)).toContain(check);
    }),
    { numRuns: 8, maxSkipsPerRun: 1_000 },
  );
});

test('every check has a promise whose breach it finds', () => {
  const tried = new Set<string>(BROKEN_PROMISES.map(({ check }) => check));
  expect(Object.keys(CHECKS).filter((check) => !tried.has(check))).toEqual([]);
});
