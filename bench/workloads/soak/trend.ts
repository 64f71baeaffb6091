import { spreadOf } from '../../report/numbers';

/** A figure at an instant of a run, in seconds from its beginning. */
export interface Point {
  seconds: number;
  value: number;
}

/** How a figure went. */
export interface Trend {
  median: number;
  /** By how much of its median it grew from the first point to the last, as its slope has it. */
  growth: number;
  /** The same, for an hour. */
  growthPerHour: number;
}

/**
 * Returns the trend of a figure: the median of the slopes between all pairs of points (Theil and
 * Sen), which a garbage collection or a checkpoint here and there doesn't move. Undefined of fewer
 * than three points.
 */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 3) return undefined;
  const slopes = points.flatMap((one, index) =>
    points
      .slice(index + 1)
      .map((other) => (other.value - one.value) / (other.seconds - one.seconds)),
  );
  const median = medianOf(points.map(({ value }) => value));
  const perSecond = medianOf(slopes) / (median === 0 ? 1 : Math.abs(median));
  return {
    median,
    growth: perSecond * (last.seconds - first.seconds),
    growthPerHour: perSecond * 3_600,
  };
}

const medianOf = (values: readonly number[]): number => spreadOf(values)?.median ?? NaN;
