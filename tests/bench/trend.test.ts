import { trendOf, type Point } from '../../bench/workloads/soak/trend';

const everyFiveSeconds = (values: readonly number[]): Point[] =>
  values.map((value, index) => ({ seconds: 5 * index, value }));

test('what grows steadily is told, for the run and for an hour', () => {
  const trend = trendOf(everyFiveSeconds([100, 101, 102, 103, 104]));
  expect(trend?.median).toBe(102);
  expect(trend?.growth).toBeCloseTo(4 / 102);
  expect(trend?.growthPerHour).toBeCloseTo((0.2 * 3_600) / 102);
});

test('a saw is flat, and so is one step up and down', () => {
  for (const values of [
    [50, 80, 50, 80, 50, 80, 50],
    [50, 50, 50, 200, 50, 50, 50],
  ])
    expect(trendOf(everyFiveSeconds(values))?.growth).toBe(0);
});

test('what shrinks has grown by less than nothing, and two points have no trend', () => {
  expect(trendOf(everyFiveSeconds([4, 3, 2]))?.growth).toBeLessThan(0);
  expect(trendOf(everyFiveSeconds([4, 3]))).toBeUndefined();
});

test('a figure that is zero all the time does not grow', () => {
  expect(trendOf(everyFiveSeconds([0, 0, 0, 0]))?.growth).toBe(0);
});
