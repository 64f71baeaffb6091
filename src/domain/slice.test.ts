import * as fc from 'fast-check';
import { findSliceFault, type Segment } from './slice';

const NOON = Date.parse('2027-03-01T12:00:00.000Z');
const at = (minutes: number) => new Date(NOON + minutes * 60_000);

/** A flight between airports that have a letter for a name; minutes count from noon. */
function flight([origin = '', destination = '']: string, leaves: number, arrives: number): Segment {
  return { origin, destination, departureAt: at(leaves), arrivalAt: at(arrives) };
}

/** Legal slices: the pauses and flights between airports that differ. */
const legal = fc
  .record({
    airports: fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E', 'F'), {
      minLength: 2,
      maxLength: 4,
    }),
    pauses: fc.array(fc.integer({ min: 45, max: 360 }), { minLength: 3, maxLength: 3 }),
    flights: fc.array(fc.integer({ min: 20, max: 240 }), { minLength: 3, maxLength: 3 }),
  })
  .map(({ airports, pauses, flights }) => {
    const segments: Segment[] = [];
    let now = 0;
    for (const [index, origin] of airports.slice(0, -1).entries()) {
      const leaves = index === 0 ? now : now + pauses[index]!;
      now = leaves + flights[index]!;
      segments.push(flight(`${origin}${airports[index + 1]!}`, leaves, now));
    }
    return segments;
  });

test('up to three flights that follow each other in time and place are a slice', () => {
  fc.assert(fc.property(legal, (segments) => expect(findSliceFault(segments)).toBeUndefined()));
});

test('whatever follows a legal slice, each part of it from the first flight on stays legal', () => {
  fc.assert(
    fc.property(legal, (segments) => {
      for (const index of segments.keys())
        expect(findSliceFault(segments.slice(0, index + 1))).toBeUndefined();
    }),
  );
});

test('with one flight moved out of its time, that flight or the next does not fit', () => {
  fc.assert(
    fc.property(
      legal.filter((segments) => segments.length > 1),
      fc.nat(2),
      fc.constantFrom(-24 * 60, 24 * 60),
      (segments, at, minutes) => {
        const index = at % segments.length;
        const moved = segments.map((segment, each) =>
          each === index
            ? {
                ...segment,
                departureAt: new Date(segment.departureAt.getTime() + minutes * 60_000),
                arrivalAt: new Date(segment.arrivalAt.getTime() + minutes * 60_000),
              }
            : segment,
        );
        const found = findSliceFault(moved);
        expect([index, index + 1]).toContain(found?.index);
        expect(found?.fault).toMatch(/^connection_too_/);
      },
    ),
  );
});

test('a way back, or over an airport a second time, is a slice of its own', () => {
  fc.assert(
    fc.property(
      legal.filter((segments) => segments.length < 3),
      fc.nat(2),
      (segments, back) => {
        const last = segments.at(-1)!;
        const home = segments[back % segments.length]!.origin;
        const leaves = (last.arrivalAt.getTime() - NOON) / 60_000 + 60;
        const detour = flight(`${last.destination}${home}`, leaves, leaves + 60);
        expect(findSliceFault([...segments, detour])).toEqual({
          index: segments.length,
          fault: 'airport_twice',
        });
      },
    ),
  );
});

test.each([
  ['nothing is no fault', [], undefined],
  ['45 minutes are enough', [flight('AB', 0, 60), flight('BC', 105, 165)], undefined],
  ['44 are not', [flight('AB', 0, 60), flight('BC', 104, 165)], [1, 'connection_too_short']],
  ['six hours are a connection', [flight('AB', 0, 60), flight('BC', 420, 480)], undefined],
  [
    'a minute more is not',
    [flight('AB', 0, 60), flight('BC', 421, 480)],
    [1, 'connection_too_long'],
  ],
  ['backwards in time', [flight('AB', 0, 60), flight('BC', -90, -30)], [1, 'connection_too_short']],
  ['from another airport', [flight('AB', 0, 60), flight('DC', 120, 180)], [1, 'another_airport']],
  ['there and back', [flight('AB', 0, 60), flight('BA', 120, 180)], [1, 'airport_twice']],
  ['the same flight twice', [flight('AB', 0, 60), flight('AB', 0, 60)], [1, 'another_airport']],
  ['24 hours', [flight('AB', 0, 600), flight('BC', 660, 1440)], undefined],
  ['a minute more', [flight('AB', 0, 600), flight('BC', 660, 1441)], [1, 'slice_too_long']],
  [
    'four flights',
    [flight('AB', 0, 60), flight('BC', 120, 180), flight('CD', 240, 300), flight('DE', 360, 420)],
    [3, 'too_many_segments'],
  ],
  [
    'the first that does not fit is named',
    [flight('AB', 0, 60), flight('BC', 70, 130), flight('CA', 140, 200)],
    [1, 'connection_too_short'],
  ],
])('%s', (_, segments, expected) => {
  const found = findSliceFault(segments);
  expect(found && [found.index, found.fault]).toEqual(expected);
});
