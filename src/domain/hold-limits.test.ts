import fc from 'fast-check';
import { holdLimitsFor } from './hold-limits';

const DEFAULTS = {
  maxOpenHoldsPerCustomer: 10,
  maxUnpaidHoldsPerFlight: 3,
  maxUnpaidHoldsPerDay: 20,
};

test('a customer without a claim of their own has the limits of everyone', () => {
  expect(holdLimitsFor(DEFAULTS)).toEqual(DEFAULTS);
});

test('a reseller who may hold ten times as much may let go ten times as much', () => {
  expect(holdLimitsFor(DEFAULTS, 100)).toEqual({
    maxOpenHoldsPerCustomer: 100,
    maxUnpaidHoldsPerFlight: 30,
    maxUnpaidHoldsPerDay: 200,
  });
});

test('no claim makes it less than what every customer may let go', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (claim) => {
      const limits = holdLimitsFor(DEFAULTS, claim);
      expect(limits.maxOpenHoldsPerCustomer).toBe(claim);
      expect(limits.maxUnpaidHoldsPerFlight).toBeGreaterThanOrEqual(3);
      expect(limits.maxUnpaidHoldsPerDay).toBeGreaterThanOrEqual(20);
    }),
  );
});
