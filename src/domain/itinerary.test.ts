import * as fc from 'fast-check';
import type { BookedFlight } from './booking';
import { confirmedSlice, describeWay, findItineraryFault, findRepeatedFlight } from './itinerary';
import { findSliceFault, type Segment } from './slice';

const NOON = Date.parse('2027-03-01T12:00:00.000Z');
const at = (minutes: number) => new Date(NOON + minutes * 60_000);

/** A flight between airports that have a letter for a name; minutes count from noon. */
function flight([origin = '', destination = '']: string, leaves: number, arrives: number): Segment {
  return { origin, destination, departureAt: at(leaves), arrivalAt: at(arrives) };
}

/** A slice that is legal by itself, an hour for each flight and each pause, from a minute on. */
const slices = fc
  .array(fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 2, maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((ways) =>
    fc.record({
      ways: fc.constant(ways),
      gaps: fc.array(fc.nat(3_000), { minLength: ways.length, maxLength: ways.length }),
    }),
  )
  .map(({ ways, gaps }) => {
    let now = 0;
    return ways.map((airports, slice) => {
      now += gaps[slice]!;
      return airports.slice(1).map((destination, index) => {
        const leaves = now + (index === 0 ? 0 : 60);
        now = leaves + 60;
        return flight(`${airports[index]!}${destination}`, leaves, now);
      });
    });
  });

test('legal slices that follow one another in time are an itinerary, wherever each begins', () => {
  fc.assert(
    fc.property(slices, (legal) => {
      expect(findItineraryFault(legal)).toBeUndefined();
    }),
  );
});

test('a slice that departs before the one before it has arrived is found, whichever it is', () => {
  fc.assert(
    fc.property(slices, fc.nat(5), fc.integer({ min: 1, max: 600 }), (legal, which, early) => {
      fc.pre(legal.length > 1);
      const slice = 1 + (which % (legal.length - 1));
      const arrivedAt = legal[slice - 1]!.at(-1)!.arrivalAt.getTime();
      const by = legal[slice]![0]!.departureAt.getTime() - arrivedAt + early * 60_000;
      const moved = legal.map((segments, index) =>
        index === slice ? segments.map((segment) => earlier(segment, by)) : segments,
      );
      expect(findItineraryFault(moved)).toEqual({ slice, segment: 0, fault: 'slice_too_early' });
    }),
  );
});

function earlier(segment: Segment, byMs: number): Segment {
  return {
    ...segment,
    departureAt: new Date(segment.departureAt.getTime() - byMs),
    arrivalAt: new Date(segment.arrivalAt.getTime() - byMs),
  };
}

test('what is wrong within a slice is found there, with its flight', () => {
  fc.assert(
    fc.property(slices, fc.nat(5), (legal, which) => {
      const slice = which % legal.length;
      const before = legal[slice]!;
      const last = before.at(-1)!;
      const arrives = (last.arrivalAt.getTime() - NOON) / 60_000;
      const elsewhere = flight('XY', arrives + 60, arrives + 120);
      const broken = [...legal.slice(0, slice), [...before, elsewhere]];
      const fault = findSliceFault([...before, elsewhere]);
      expect(findItineraryFault(broken)).toEqual({
        slice,
        segment: fault!.index,
        fault: fault!.fault,
      });
    }),
  );
});

test('no flight comes twice, and at most eight come', () => {
  expect(findRepeatedFlight([['a', 'b'], ['c'], ['b']])).toEqual({
    slice: 2,
    segment: 0,
    fault: 'flight_twice',
  });
  const eight = [['a', 'b', 'c'], ['d', 'e', 'f'], ['g'], ['h']];
  expect(findRepeatedFlight(eight)).toBeUndefined();
  expect(findRepeatedFlight([...eight, ['i']])).toEqual({
    slice: 4,
    segment: 0,
    fault: 'too_many_flights',
  });
});

const JFK = { iata: 'JFK', name: 'New York Kennedy', timeZone: 'America/New_York' };
const LHR = { iata: 'LHR', name: 'London Heathrow', timeZone: 'Europe/London' };
const CDG = { iata: 'CDG', name: 'Paris de Gaulle', timeZone: 'Europe/Paris' };

function booked(origin: typeof JFK, destination: typeof JFK): BookedFlight {
  const departureAt = '2027-03-01T12:00:00.000Z';
  const arrivalAt = '2027-03-01T20:00:00.000Z';
  return {
    id: `${origin.iata}1`,
    flightNumber: 'ZZ1',
    origin,
    destination,
    departureAt,
    arrivalAt,
  };
}

test('a way is named by its airports, a slice after another', () => {
  const slice = (...flights: BookedFlight[]) =>
    confirmedSlice(flights.map((flight) => ({ flight, cabin: 'economy' as const })));
  expect(describeWay([slice(booked(JFK, LHR))])).toBe('JFK–LHR');
  const there = slice(booked(JFK, LHR), booked(LHR, CDG));
  expect(describeWay([there, slice(booked(CDG, JFK))])).toBe('JFK–LHR–CDG · CDG–JFK');
});
