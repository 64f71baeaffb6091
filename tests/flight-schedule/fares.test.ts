import fc from 'fast-check';
import { CABINS } from '../../src/domain/cabin';
import { adultPrice } from '../../src/domain/fare';
import {
  advancePercent,
  conditionsOf,
  demandPercent,
  fareOf,
} from '../../src/domain/flight-schedule/fares';

const basis = fc.record({
  cabin: fc.constantFrom(...CABINS),
  distanceMiles: fc.integer({ min: 50, max: 6000 }),
  weekday: fc.integer({ min: 1, max: 7 }),
  hour: fc.integer({ min: 0, max: 23 }),
  number: fc.integer({ min: 1, max: 9999 }),
  daysAhead: fc.integer({ min: 0, max: 60 }),
});

test('every part of a fare is a whole number of cents above zero', () => {
  fc.assert(
    fc.property(basis, (flight) => {
      const { base, taxes, fees } = fareOf(flight);
      return [base, taxes, fees].every((cents) => Number.isSafeInteger(cents) && cents > 0);
    }),
  );
});

test('a longer flight never costs less', () => {
  fc.assert(
    fc.property(basis, fc.integer({ min: 0, max: 3000 }), (flight, miles) => {
      const longer = { ...flight, distanceMiles: flight.distanceMiles + miles };
      return adultPrice(fareOf(longer)).amount >= adultPrice(fareOf(flight)).amount;
    }),
  );
});

test('a flight that is put on sale earlier never costs more', () => {
  fc.assert(
    fc.property(basis, fc.integer({ min: 0, max: 30 }), (flight, days) => {
      const earlier = { ...flight, daysAhead: flight.daysAhead + days };
      return adultPrice(fareOf(earlier)).amount <= adultPrice(fareOf(flight)).amount;
    }),
  );
});

test('the cabins of a flight are each dearer than the one before', () => {
  fc.assert(
    fc.property(basis, (flight) => {
      const prices = CABINS.map((cabin) => adultPrice(fareOf({ ...flight, cabin })).amount);
      expect(prices).toEqual([...new Set(prices)].sort((a, b) => a - b));
    }),
  );
});

test('demand stays between 75 and 130 percent', () => {
  fc.assert(
    fc.property(basis, (flight) => demandPercent(flight) >= 75 && demandPercent(flight) <= 130),
  );
});

test('a fare is refunded in full, or less a fee, or not at all; then its fee is its price', () => {
  fc.assert(
    fc.property(basis, (flight) => {
      const { refundable, cancellationFee } = conditionsOf(flight);
      if (flight.cabin === 'business' || flight.cabin === 'first') {
        expect({ refundable, fee: cancellationFee.amount }).toEqual({ refundable: true, fee: 0 });
      } else if (refundable) {
        expect(cancellationFee.amount).toBe(flight.cabin === 'economy' ? 7_500 : 5_000);
      } else {
        expect(flight.cabin).toBe('economy');
        expect(cancellationFee).toEqual(adultPrice(fareOf(flight)));
      }
    }),
  );
});

test('New York to Houston in economy, on a Monday morning', () => {
  const flight = {
    cabin: 'economy',
    distanceMiles: 1400,
    weekday: 1,
    hour: 5,
    number: 1545,
    daysAhead: 10,
  } as const;
  // 203.00 dollars are usual; before six o'clock 10 % less are asked, and this number draws 3 %
  // less.
  expect(demandPercent(flight)).toBe(87);
  expect(fareOf(flight)).toEqual({
    base: 17_661,
    taxes: 1_325 + 520,
    fees: 1_010,
    currency: 'USD',
  });
});

test('a fare rises by steps as the day that it is put on sale nears departure', () => {
  expect([30, 21, 20, 14, 13, 7, 6, 3, 2, 0].map(advancePercent)).toEqual([
    90, 90, 95, 95, 100, 100, 115, 115, 130, 130,
  ]);
});
