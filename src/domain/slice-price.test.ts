import * as fc from 'fast-check';
import { priceSlice, type SegmentFare } from './slice-price';

function fare(amount: number, refundable: boolean, fee: number, currency = 'USD'): SegmentFare {
  const cancellationFee = { amount: fee, currency };
  return { price: { amount, currency }, conditions: { refundable, cancellationFee } };
}

const fares = fc.array(
  fc.tuple(fc.nat(1_000_000), fc.boolean(), fc.nat(50_000)).map((parts) => fare(...parts)),
  { minLength: 1, maxLength: 3 },
);

test('a slice costs the sum of its flights, and its highest fee once', () => {
  expect(priceSlice([fare(30_000, true, 7_500), fare(20_000, true, 5_000)])).toEqual(
    fare(50_000, true, 7_500),
  );
});

test('with one flight that is not refunded, none is', () => {
  expect(priceSlice([fare(30_000, true, 7_500), fare(20_000, false, 20_000)])).toEqual(
    fare(50_000, false, 20_000),
  );
});

test('a slice of one flight costs what the flight does', () => {
  fc.assert(fc.property(fares, ([only]) => expect(priceSlice([only!])).toEqual(only)));
});

test('the order of the flights changes neither price nor conditions', () => {
  fc.assert(
    fc.property(fares, (segments) =>
      expect(priceSlice([...segments].reverse())).toEqual(priceSlice(segments)),
    ),
  );
});

test('no price is made of two currencies, nor of nothing', () => {
  expect(() => priceSlice([fare(1, true, 1), fare(1, true, 1, 'EUR')])).toThrow(/^Bug/);
  expect(() => priceSlice([])).toThrow(/^Bug/);
});
