import * as fc from 'fast-check';
import type { ChangedSegment, PricedSegment } from './changed-itinerary';
import { waiveDifference } from './waiver';

const NOON = Date.parse('2027-03-01T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const DEPARTURES = [new Date(NOON)];

function flight(
  flightId: string,
  [origin = '', destination = '']: string,
  { base = 10_000, departs = 0, refundable = true } = {},
): PricedSegment {
  return {
    flightId,
    origin,
    destination,
    cabin: 'economy',
    isCancelled: false,
    departureAt: new Date(NOON + departs * HOUR_MS),
    arrivalAt: new Date(NOON + (departs + 2) * HOUR_MS),
    price: { amount: base + 200, currency: 'USD', breakdown: { base, taxes: 150, fees: 50 } },
    conditions: { refundable, cancellationFee: { amount: 5_000, currency: 'USD' } },
  };
}

const asNew = (segment: PricedSegment): ChangedSegment => ({ ...segment, isNew: true });
const amountsOf = (slices: readonly (readonly PricedSegment[])[]) =>
  slices.flat().map(({ price }) => price.amount);

test('a flight on the same route is sold at the price and on the conditions of the old one', () => {
  const old = flight('old', 'AB', { refundable: false });
  const dear = flight('new', 'AB', { base: 90_000, departs: 72 });
  const [[sold] = []] = waiveDifference([[old]], [[asNew(dear)]], { departures: DEPARTURES });
  expect(sold).toMatchObject({ flightId: 'new', price: old.price, conditions: old.conditions });
});

test.each([
  ['another route', flight('new', 'AC', { base: 90_000 })],
  ['a departure more than three days later', flight('new', 'AB', { base: 90_000, departs: 73 })],
  ['a departure more than three days earlier', flight('new', 'AB', { base: 90_000, departs: -73 })],
])('%s costs its fare', (_what, wanted) => {
  const changed = waiveDifference([[flight('old', 'AB')]], [[asNew(wanted)]], {
    departures: DEPARTURES,
  });
  expect(changed).toEqual([[asNew(wanted)]]);
});

test('the three days are counted from what a person accepted, not from what the airline made of it', () => {
  const moved = flight('old', 'AB', { departs: 48 });
  const wanted = asNew(flight('new', 'AB', { base: 90_000, departs: 96 }));
  const changed = waiveDifference([[moved]], [[wanted]], { departures: DEPARTURES });
  expect(amountsOf(changed)).toEqual([90_200]);
});

test('flights that stay keep their price; those that come share that of those that go, exactly', () => {
  const price = fc.integer({ min: 1_000, max: 1_000_000 });
  fc.assert(
    fc.property(price, price, price, price, (stays, goes, first, second) => {
      const kept = flight('kept', 'AB', { base: stays });
      const present = [[kept, flight('gone', 'BD', { base: goes })]];
      const changed = [
        [
          { ...kept, isNew: false },
          asNew(flight('x', 'BC', { base: first })),
          asNew(flight('y', 'CD', { base: second })),
        ],
      ];
      const [was, ...shares] = amountsOf(
        waiveDifference(present, changed, { departures: DEPARTURES }),
      );
      expect(was).toBe(stays + 200);
      expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBe(goes + 200);
      expect(Math.min(...shares)).toBeGreaterThan(0);
    }),
  );
});

test('only the slice that is rebooked is waived', () => {
  const present = [[flight('a', 'AB')], [flight('b', 'BA')]];
  const changed = [
    [asNew(flight('x', 'AB', { base: 30_000 }))],
    [{ ...flight('b', 'BA'), isNew: false }],
  ];
  expect(amountsOf(waiveDifference(present, changed, { departures: DEPARTURES }))).toEqual([
    10_200, 10_200,
  ]);
});
