import * as fc from 'fast-check';
import { isSameMoney, percentOf } from './money';

test.each([
  [1_000, 10, 100],
  [1_004, 10, 100],
  [1_005, 10, 101],
  [1_015, 10, 102],
  [4, 10, 0],
  [5, 10, 1],
])('%i at %i %% is %i: half a unit is rounded up', (amount, percent, expected) => {
  expect(percentOf(amount, percent)).toBe(expected);
});

test('a percentage is a whole number, at most half a unit away from the exact one', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000_000), fc.integer({ min: 0, max: 100 }), (amount, percent) => {
      const part = percentOf(amount, percent);
      expect(Number.isSafeInteger(part)).toBe(true);
      const awayInHundredths = 100 * part - amount * percent;
      expect(awayInHundredths).toBeGreaterThan(-50);
      expect(awayInHundredths).toBeLessThanOrEqual(50);
    }),
  );
});

test('the same number of another currency is other money', () => {
  expect(isSameMoney({ amount: 100, currency: 'USD' }, { amount: 100, currency: 'USD' })).toBe(
    true,
  );
  expect(isSameMoney({ amount: 100, currency: 'USD' }, { amount: 100, currency: 'EUR' })).toBe(
    false,
  );
  expect(isSameMoney({ amount: 100, currency: 'USD' }, { amount: 101, currency: 'USD' })).toBe(
    false,
  );
});
