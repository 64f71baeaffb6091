import {
  changeItinerary,
  findUnsellable,
  priceChange,
  type PricedSegment,
} from './changed-itinerary';

function segment(flightId: string, base: number, refundable = true, fee = 5_000): PricedSegment {
  return {
    flightId,
    cabin: 'economy',
    origin: 'EWR',
    destination: 'LAX',
    departureAt: new Date('2027-03-01T12:00:00.000Z'),
    arrivalAt: new Date('2027-03-01T18:00:00.000Z'),
    isCancelled: false,
    price: { amount: base + 200, currency: 'USD', breakdown: { base, taxes: 150, fees: 50 } },
    conditions: { refundable, cancellationFee: { amount: fee, currency: 'USD' } },
  };
}

const PRESENT = [[segment('a', 10_000), segment('b', 12_000)], [segment('c', 15_000, true, 7_000)]];

const flown = (slices: { flightId: string; isNew: boolean }[][]) =>
  slices.map((slice) => slice.map(({ flightId, isNew }) => `${flightId}${isNew ? ' new' : ''}`));

test('a flight that the booking has stays as it was sold, even if its fare has risen', () => {
  const offers = [segment('a', 99_000), segment('x', 20_000)];
  const changed = changeItinerary(PRESENT, [{ replaces: 0, flightIds: ['a', 'x'] }], offers);
  expect(flown(changed)).toEqual([['a', 'x new'], ['c']]);
  expect(changed[0]?.[0]?.price.amount).toBe(10_200);
});

test('a flight may move to another slice, and keeps its price and its seats', () => {
  const exchanges = [
    { replaces: 0, flightIds: ['c'] },
    { replaces: 1, flightIds: ['a', 'b'] },
  ];
  expect(flown(changeItinerary(PRESENT, exchanges, []))).toEqual([['c'], ['a', 'b']]);
});

test('the price is the sum of the flights then; the fee is half of the dearest one bought', () => {
  const changed = changeItinerary(
    PRESENT,
    [{ replaces: 0, flightIds: ['x'] }],
    [segment('x', 25_000, false, 25_200)],
  );
  const { price, conditions, money } = priceChange(PRESENT.flat(), changed.flat(), {
    isFree: false,
  });
  expect(price).toEqual({
    amount: 40_400,
    currency: 'USD',
    breakdown: { base: 40_000, taxes: 300, fees: 100 },
  });
  expect(conditions).toMatchObject({ refundable: false, cancellationFee: { amount: 25_200 } });
  expect(money).toMatchObject({
    difference: { amount: 2_800 },
    fee: { amount: 3_500 },
    toPay: { amount: 6_300 },
  });
});

test('a change that is free of charge costs the difference of the fares alone', () => {
  const changed = changeItinerary(
    PRESENT,
    [{ replaces: 1, flightIds: ['x'] }],
    [segment('x', 14_000)],
  );
  const { money } = priceChange(PRESENT.flat(), changed.flat(), { isFree: true });
  expect(money).toMatchObject({ fee: { amount: 0 }, toRefund: { amount: 1_000 } });
});

test('a flight that nobody offers is a bug', () => {
  const exchanges = [{ replaces: 1, flightIds: ['unknown'] }];
  expect(() => changeItinerary(PRESENT, exchanges, [])).toThrow('not on offer');
});

describe('an itinerary is not sold in place of the present one', () => {
  const BEFORE = new Date('2027-03-01T08:00:00.000Z');
  const present = PRESENT.flat();
  const kept = present.map((flight) => ({ ...flight, isNew: false }));
  const added = { ...segment('x', 14_000), isNew: true };
  const cancelled = { ...segment('c', 15_000), isCancelled: true };

  test.each([
    ['unless nothing stands against it', present, [...kept, added], BEFORE, undefined],
    [
      'when a new flight is cancelled',
      present,
      [{ ...added, isCancelled: true }],
      BEFORE,
      'flight_closed',
    ],
    ['when one that stays is', present, [{ ...cancelled, isNew: false }], BEFORE, 'flight_closed'],
    [
      'when a new flight leaves within the hour',
      present,
      [added],
      new Date('2027-03-01T11:01:00.000Z'),
      'flight_closed',
    ],
    [
      'when a flight was flown that it exchanges',
      present,
      [{ ...added, departureAt: new Date('2027-03-03T12:00:00.000Z') }],
      added.departureAt,
      'booking_not_changeable',
    ],
    [
      'unless that one was cancelled',
      [cancelled],
      [{ ...added, departureAt: new Date('2027-03-03T12:00:00.000Z') }],
      added.departureAt,
      undefined,
    ],
  ])('%s', (_rule, before, changed, at, obstacle) => {
    expect(findUnsellable(before, changed, at)).toBe(obstacle);
  });
});
