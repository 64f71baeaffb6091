import * as fc from 'fast-check';
import type { Segment } from '../slice';
import {
  compareFlights,
  exchangeSlices,
  findChangedItineraryFault,
  findExchangeFault,
} from './exchange';

const PRESENT = [['a', 'b'], ['c']];

test('a slice that is exchanged gives way in its place, and the others stay', () => {
  expect(exchangeSlices(PRESENT, [{ replaces: 0, flightIds: ['x'] }])).toEqual([['x'], ['c']]);
});

test.each([
  ['a slice that is not there', [{ replaces: 2, flightIds: ['x'] }], 0, 'no_such_slice'],
  [
    'one slice exchanged twice',
    [
      { replaces: 1, flightIds: ['x'] },
      { replaces: 1, flightIds: ['y'] },
    ],
    1,
    'slice_twice',
  ],
  ['the flights that it has', [{ replaces: 1, flightIds: ['c'] }], 0, 'same_flights'],
  ['a flight of the slice that stays', [{ replaces: 1, flightIds: ['x', 'a'] }], 0, 'flight_twice'],
])('%s is refused, and named', (_what, exchanges, exchange, fault) => {
  expect(findExchangeFault(PRESENT, exchanges)).toMatchObject({ exchange, fault });
});

test('a flight of another slice is named where it is asked for', () => {
  const exchanges = [{ replaces: 1, flightIds: ['x', 'a'] }];
  expect(findExchangeFault(PRESENT, exchanges)).toMatchObject({ flight: 1 });
});

test('some flights of a slice may stay, and one may be left out', () => {
  expect(findExchangeFault(PRESENT, [{ replaces: 0, flightIds: ['a', 'x'] }])).toBeUndefined();
  expect(findExchangeFault(PRESENT, [{ replaces: 0, flightIds: ['b'] }])).toBeUndefined();
});

const NOON = Date.parse('2027-03-01T12:00:00.000Z');

function flight([origin = '', destination = '']: string, leaves: number, arrives: number): Segment {
  const at = (hours: number) => new Date(NOON + hours * 3_600_000);
  return { origin, destination, departureAt: at(leaves), arrivalAt: at(arrives) };
}

test('a slice that arrives after the next one departs is named, by its last flight', () => {
  const wanted = [[flight('AB', 0, 1), flight('BC', 2, 20)], [flight('CA', 10, 12)]];
  const exchanges = [{ replaces: 0, flightIds: ['x', 'y'] }];
  const fault = findChangedItineraryFault(wanted, exchanges);
  expect(fault).toEqual({ exchange: 0, flight: 1, fault: 'slice_too_early' });
});

test('a slice that departs before the one before it arrives is named, by its first flight', () => {
  const wanted = [[flight('AB', 0, 5)], [flight('BA', 3, 8)]];
  const exchanges = [{ replaces: 1, flightIds: ['x'] }];
  const fault = findChangedItineraryFault(wanted, exchanges);
  expect(fault).toEqual({ exchange: 0, flight: 0, fault: 'slice_too_early' });
});

test('every flight before a change is kept or dropped, every one after it kept or added', () => {
  const flights = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), {
    minLength: 1,
  });
  fc.assert(
    fc.property(flights, flights, (before, after) => {
      const { kept, added, dropped } = compareFlights(before, after);
      expect(new Set([...kept, ...dropped])).toEqual(new Set(before));
      expect(new Set([...kept, ...added])).toEqual(new Set(after));
      expect(kept.length + added.length).toBe(after.length);
      expect(kept.length + dropped.length).toBe(before.length);
    }),
  );
});
