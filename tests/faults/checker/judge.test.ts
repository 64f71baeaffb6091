import fc from 'fast-check';
import { playIdealRun } from './ideal-shop';
import { judge } from './judge';

const seeds = fc.integer({ min: 1, max: 1_000_000 });

test('a shop that keeps its promises is not accused, whatever is lost, repeated and done at once', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      expect(judge(playIdealRun(seed))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
