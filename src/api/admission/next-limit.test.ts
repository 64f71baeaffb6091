import fc from 'fast-check';
import { LEAST_LIMIT, MOST_LIMIT, nextLimit } from './next-limit';

const STEERING = { objectiveMs: 1_000, least: LEAST_LIMIT };
const limits = fc.integer({ min: LEAST_LIMIT, max: MOST_LIMIT });
const windows = fc.record({
  meanMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
  peakInFlight: fc.integer({ min: 0, max: MOST_LIMIT }),
});

test('64 of a kind are always admitted, and never more than 1,024', () => {
  fc.assert(
    fc.property(limits, fc.array(windows), (start, measured) => {
      let limit = start;
      for (const window of measured) {
        limit = nextLimit(limit, window, STEERING);
        expect(limit).toBeGreaterThanOrEqual(64);
        expect(limit).toBeLessThanOrEqual(1_024);
        expect(Number.isInteger(limit)).toBe(true);
      }
    }),
  );
});

test('slow requests never let more of them in', () => {
  fc.assert(
    fc.property(limits, windows, (limit, { meanMs, peakInFlight }) => {
      const slow = { meanMs: STEERING.objectiveMs + 1 + meanMs, peakInFlight };
      expect(nextLimit(limit, slow, STEERING)).toBeLessThanOrEqual(limit);
    }),
  );
});

test('a limit that nobody comes near is left as it is', () => {
  fc.assert(
    fc.property(limits, (limit) => {
      const idle = { meanMs: 5, peakInFlight: Math.floor(limit / 2) - 1 };
      expect(nextLimit(limit, idle, STEERING)).toBe(limit);
    }),
  );
});

/** The limit after so many windows in which as many are in flight as may be. */
function afterOverload(start: number, windows: number, requestsPerSecond: number): number {
  let limit = start;
  for (let window = 0; window < windows; window += 1) {
    // Little's law: what is in flight waits for its turn.
    const meanMs = (limit / requestsPerSecond) * 1_000;
    limit = nextLimit(limit, { meanMs, peakInFlight: limit }, STEERING);
  }
  return limit;
}

test('an overload of an hour moves the limit to where requests take as long as they should', () => {
  fc.assert(
    fc.property(limits, fc.integer({ min: 1, max: 2_000 }), (start, requestsPerSecond) => {
      const limit = afterOverload(start, 3_600, requestsPerSecond);
      const ideal = Math.min(MOST_LIMIT, Math.max(LEAST_LIMIT, requestsPerSecond));
      expect(limit).toBeLessThanOrEqual(ideal + 8);
      expect(limit).toBeGreaterThanOrEqual(Math.floor(ideal * 0.75) - 1);
    }),
  );
});

test('within ten seconds of being slow the limit is the least again', () => {
  expect(afterOverload(MOST_LIMIT, 10, 1)).toBe(LEAST_LIMIT);
});

test('a limit with a lower least rises more slowly, and falls to it', () => {
  const steering = { objectiveMs: 1_000, least: 8 };
  expect(nextLimit(8, { meanMs: 100, peakInFlight: 8 }, steering)).toBe(9);
  expect(nextLimit(9, { meanMs: 2_000, peakInFlight: 9 }, steering)).toBe(8);
});
