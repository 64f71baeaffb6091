/** Rounds to so many digits after the point. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A figure of several rounds: the middle one, the least and the most. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/**
 * Returns the median and range of the rounds' figures; of an even number of them, the mean of the
 * middle two. Undefined when there are none.
 */
export function spreadOf(figures: readonly number[]): Spread | undefined {
  const sorted = [...figures].sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return undefined;
  const upper = sorted[sorted.length >> 1] ?? most;
  const lower = sorted[(sorted.length - 1) >> 1] ?? least;
  return { median: (lower + upper) / 2, least, most };
}
