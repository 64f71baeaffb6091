import * as fc from 'fast-check';
import type { BookedSegment, BookedSlice } from './booking';
import { sliceOf } from './itinerary';
import {
  automaticAction,
  isSignificant,
  offeredActions,
  refundOfUnused,
  respondBy,
} from './schedule-change-offer';

const HOUR_MS = 60 * 60 * 1000;
const NOW = new Date('2027-03-01T12:00:00.000Z');

function at(hours: number): string {
  return new Date(NOW.getTime() + hours * HOUR_MS).toISOString();
}

/** A flight between airports that have a letter for a name; hours count from now. */
function flight(
  [origin = '', destination = '']: string,
  departs: number,
  arrives: number,
  status: BookedSegment['status'] = 'confirmed',
): BookedSegment {
  const airport = (iata: string) => ({ iata, name: iata, timeZone: 'UTC' });
  return {
    id: `${origin}${destination}`,
    flightNumber: 'UA1',
    origin: airport(origin),
    destination: airport(destination),
    departureAt: at(departs),
    arrivalAt: at(arrives),
    cabin: 'economy',
    status,
  };
}

/** Out by a connection, and home again. */
const ACCEPTED = [
  sliceOf([flight('AB', 100, 102), flight('BC', 104, 107)]),
  sliceOf([flight('CA', 200, 205)]),
];

/** The same with other flights in the first slice. */
function out(...segments: BookedSegment[]): BookedSlice[] {
  return [sliceOf(segments), ...ACCEPTED.slice(1)];
}

test.each([
  ['nothing', ACCEPTED, false],
  [
    'a slice departs less than 3 h earlier',
    out(flight('AB', 97.1, 102), flight('BC', 104, 107)),
    false,
  ],
  ['a slice departs 3 h earlier', out(flight('AB', 97, 102), flight('BC', 104, 107)), true],
  ['a slice departs later', out(flight('AB', 101, 103), flight('BC', 104, 107)), false],
  [
    'a slice arrives less than 3 h later',
    out(flight('AB', 100, 102), flight('BC', 104, 109.9)),
    false,
  ],
  ['a slice arrives 3 h later', out(flight('AB', 100, 102), flight('BC', 104, 110)), true],
  ['a slice arrives earlier', out(flight('AB', 100, 102), flight('BC', 103, 104)), false],
  [
    'a connection is 44 minutes short',
    out(flight('AB', 100, 103.27), flight('BC', 104, 107)),
    true,
  ],
  [
    'a connection is 45 minutes short',
    out(flight('AB', 100, 103.25), flight('BC', 104, 107)),
    false,
  ],
  ['a connection is missed', out(flight('AB', 100, 104.5), flight('BC', 104, 107)), true],
  ['a connection takes over 6 h', out(flight('AB', 98, 99), flight('BC', 105.1, 108)), true],
  ['a flight is cancelled', out(flight('AB', 100, 102), flight('BC', 104, 107, 'cancelled')), true],
  [
    'the way home begins before the way out has ended',
    [ACCEPTED[0]!, sliceOf([flight('CA', 106, 111)])],
    true,
  ],
])('when %s, whether all of it can come back: …', (_what, after, significant) => {
  expect(isSignificant(ACCEPTED, after)).toBe(significant);
  expect(automaticAction(significant)).toBe(significant ? 'cancel' : 'accept');
});

test('moves add up: what counts is the itinerary that a person accepted last', () => {
  const once = out(flight('AB', 98, 100.5), flight('BC', 104, 107));
  const twice = out(flight('AB', 96, 99), flight('BC', 104, 107));
  expect(isSignificant(once, twice)).toBe(false);
  expect(isSignificant(ACCEPTED, twice)).toBe(true);
});

test.each([
  ['72 hours where departure is far away', 100, 72],
  ['3 hours before departure where that is sooner', 50, 47],
  ['an hour where departure is near', 3, 1],
  ['the departure where that is sooner still', 0.5, 0.5],
])('there is time to respond: %s', (_rule, departs, hours) => {
  const way = [sliceOf([flight('AB', departs, departs + 2)])];
  expect(respondBy(way, NOW).toISOString()).toBe(at(hours));
});

test('under way, the next departure counts; after the last one no time is left', () => {
  const way = [sliceOf([flight('AB', -3, -1), flight('BC', 10, 12)])];
  expect(respondBy(way, NOW).toISOString()).toBe(at(7));
  expect(respondBy(way, new Date(at(11)))).toEqual(new Date(at(11)));
});

test('a response is always due between now and the next departure', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 500, noNaN: true }), (departs) => {
      const due = respondBy([sliceOf([flight('AB', departs, departs + 2)])], NOW).getTime();
      expect(due).toBeGreaterThan(NOW.getTime());
      expect(due).toBeLessThanOrEqual(Date.parse(at(departs)));
    }),
  );
});

test('a cancelled flight can’t be accepted, and nothing is left once the time has passed', () => {
  const moved = { after: ACCEPTED, respondBy: new Date(at(5)), isSignificant: false };
  expect(offeredActions(moved, NOW)).toEqual(['accept', 'cancel']);
  const movedFar = { ...moved, isSignificant: true };
  expect(offeredActions(movedFar, NOW)).toEqual(['accept', 'change', 'cancel']);
  const cancelled = out(flight('AB', 100, 102, 'cancelled'), flight('BC', 104, 107));
  expect(offeredActions({ ...movedFar, after: cancelled }, NOW)).toEqual(['change', 'cancel']);
  expect(offeredActions(moved, moved.respondBy)).toEqual([]);
});

test('used and unused flights sum to what was paid, whenever it is', () => {
  const segment = fc.record({
    amount: fc.nat(1_000_000),
    departureAt: fc.integer({ min: -100, max: 100 }).map((hours) => new Date(at(hours))),
    isUnusable: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
      const amount = segments.reduce((sum, each) => sum + each.amount, 0);
      const paid = { amount, currency: 'USD' };
      const unused = segments.filter((each) => each.isUnusable || each.departureAt >= NOW);
      expect(refundOfUnused(paid, segments, NOW)).toEqual({
        amount: unused.reduce((sum, each) => sum + each.amount, 0),
        currency: 'USD',
      });
    }),
  );
});
