import * as fc from 'fast-check';
import { adultPrice, quoteFare } from './fare';
import { percentOf } from './money';
import { PASSENGER_TYPES } from './passenger';

const FARE = { base: 10_005, taxes: 1_500, fees: 250, currency: 'USD' };

const amount = fc.nat(100_000_00);
const fares = fc.record({
  base: amount,
  taxes: amount,
  fees: amount,
  currency: fc.constant('USD'),
});
const parties = fc.array(fc.record({ type: fc.constantFrom(...PASSENGER_TYPES) }), {
  maxLength: 18,
});

test('one adult pays the price that the search showed', () => {
  expect(quoteFare(FARE, [{ type: 'adult' }])).toMatchObject(adultPrice(FARE));
});

test('a child pays what an adult pays', () => {
  expect(quoteFare(FARE, [{ type: 'adult' }, { type: 'child' }])).toEqual(
    quoteFare(FARE, [{ type: 'adult' }, { type: 'adult' }]),
  );
});

test('an infant pays 10 % of the base fare, half a cent rounded up, and no taxes or fees', () => {
  expect(quoteFare(FARE, [{ type: 'adult' }, { type: 'infant' }])).toEqual({
    amount: 11_755 + 1_001,
    currency: 'USD',
    breakdown: { base: 10_005 + 1_001, taxes: 1_500, fees: 250 },
  });
});

test('each infant is rounded alone: two cost twice what one does', () => {
  const two = quoteFare(FARE, [{ type: 'infant' }, { type: 'infant' }]);
  expect(two.amount).toBe(2 * percentOf(FARE.base, 10));
});

test('the parts of a price sum to it exactly, for any party', () => {
  fc.assert(
    fc.property(fares, parties, (fare, party) => {
      const price = quoteFare(fare, party);
      const { base, taxes, fees } = price.breakdown;
      expect(base + taxes + fees).toBe(price.amount);
      expect(Number.isSafeInteger(price.amount)).toBe(true);
    }),
  );
});

test('a party costs what its members cost alone', () => {
  fc.assert(
    fc.property(fares, parties, (fare, party) => {
      const alone = party.map((passenger) => quoteFare(fare, [passenger]).amount);
      expect(quoteFare(fare, party).amount).toBe(alone.reduce((sum, each) => sum + each, 0));
    }),
  );
});
