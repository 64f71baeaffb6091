import type { WorkKind } from './kinds';

/**
 * How many requests of one kind may be in flight at least, however slow they are. It is part of the
 * API's contract.
 */
export const LEAST_LIMIT = 64;

/**
 * And at most. Few processes can do more at once, and a mistake in measuring must not be without
 * end.
 */
export const MOST_LIMIT = 1_024;

/**
 * The mean duration, in milliseconds, up to which more requests are admitted. By Little's law a
 * limit admits limit ÷ duration requests a second. Past these durations, more requests in flight
 * would only make each of them wait longer.
 *
 * A second is what people wait for without losing the thread (Nielsen, Usability Engineering,
 * 1993). A payment is allowed three, since its provider takes most of them. Reads take a few
 * milliseconds when nothing is queued.
 */
export const OBJECTIVE_MS: Record<WorkKind, number> = {
  create: 1_000,
  pay: 3_000,
  write: 1_000,
  read: 250,
  search: 250,
  event: 1_000,
  other: 250,
};

/** How fast a limit rises per window, as a share of its least: from 64 to the most in two minutes. */
const STEP = 1 / 8;

/** How fast it falls per window: from the most to the least in ten seconds. */
const BACK_OFF = 0.75;

/** What a limit is steered by. */
export interface Steering {
  /** The mean duration, in milliseconds, up to which it rises. */
  objectiveMs: number;
  /** It never falls below. */
  least: number;
}

/** What was measured in a window of time. */
export interface Window {
  /** Mean duration of the requests that ended in it. */
  meanMs: number;
  /** The most that were in flight at once. */
  peakInFlight: number;
}

/**
 * Returns the next limit: additive increase while requests are fast and the limit is in use,
 * multiplicative decrease once they are slow. This is the AIMD limit of Netflix's
 * concurrency-limits (https://github.com/Netflix/concurrency-limits), with a floor.
 *
 * Its gradient limits compare durations with those of the past. In an overload that lasts, those
 * rise too, and the limit with them. A fixed objective can't drift.
 */
export function nextLimit(
  limit: number,
  { meanMs, peakInFlight }: Window,
  { objectiveMs, least }: Steering,
): number {
  if (meanMs > objectiveMs) return Math.max(least, Math.floor(limit * BACK_OFF));
  const isInUse = peakInFlight * 2 >= limit;
  return isInUse ? Math.min(MOST_LIMIT, limit + Math.ceil(least * STEP)) : limit;
}
