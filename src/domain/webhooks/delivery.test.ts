import fc from 'fast-check';
import { GIVE_UP_AFTER_MS, retryDelay } from './delivery';

const FIRST = new Date('2026-12-01T00:00:00.000Z');
const after = (ms: number) => new Date(FIRST.getTime() + ms);

test('an event is tried again after 5 s, 30 s, 2 min, 15 min, 1 h, then every 6 h', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 12].map((attempt) =>
    retryDelay({ attempt, firstDueAt: FIRST }, { now: FIRST, random: 0 }),
  );
  const seconds = delays.map((delay) => (delay ?? 0) / 1000);
  expect(seconds).toEqual([5, 30, 120, 900, 3_600, 21_600, 21_600, 21_600]);
});

test('a delay is never shorter than said, and at most a fifth longer', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const least = retryDelay({ attempt, firstDueAt: FIRST }, { now: FIRST, random: 0 }) ?? 0;
        const delay = retryDelay({ attempt, firstDueAt: FIRST }, { now: FIRST, random }) ?? 0;
        expect(delay).toBeGreaterThanOrEqual(least);
        expect(delay).toBeLessThanOrEqual(Math.ceil(least * 1.2));
      },
    ),
  );
});

test('the last attempt is 64 to 72 hours after the first, and the fifteenth at least', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 20, maxLength: 20 }),
      (randoms) => {
        let at = 0;
        let attempt = 1;
        for (const random of randoms) {
          const delay = retryDelay({ attempt, firstDueAt: FIRST }, { now: after(at), random });
          if (delay === null) break;
          at += delay;
          attempt += 1;
        }
        expect(at).toBeGreaterThan(64 * 60 * 60_000);
        expect(at).toBeLessThanOrEqual(GIVE_UP_AFTER_MS);
        expect(attempt).toBeGreaterThanOrEqual(15);
        expect(attempt).toBeLessThan(20);
      },
    ),
  );
});
