import { departuresOn } from '../../src/activities/flight-schedule/departures';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { readWeek, type ScheduledFlight } from '../../src/activities/flight-schedule/week';

/** The flights into New York, which are derived from those that leave it. */

const week = readWeek();
const outbound = week.flights.filter(({ direction }) => direction === 'outbound');
const inbound = week.flights.filter(({ direction }) => direction === 'inbound');

const MONDAY = '2026-12-07';
const MINUTE_MS = 60_000;

/** The whole week once, and the Monday after it, as it is stored. */
const stored = Array.from({ length: 8 }, (_, day) => daysAfter(MONDAY, day)).flatMap((date) =>
  departuresOn(week, date, 7).map((departure) => departure.inventory()),
);

/** How long the flights of a route take on average. */
function minutesBetween(origin: string, destination: string): number {
  const found = week.flights.filter(
    (flight) => flight.origin.iata === origin && flight.destination.iata === destination,
  );
  return found.reduce((sum, { durationMinutes }) => sum + durationMinutes, 0) / found.length;
}

test('every flight leaves New York or arrives there', () => {
  const isNewYork = ({ metropolitanArea }: ScheduledFlight['origin']) => metropolitanArea === 'NYC';
  expect(outbound.filter(({ origin }) => !isNewYork(origin))).toEqual([]);
  expect(inbound.filter(({ destination }) => !isNewYork(destination))).toEqual([]);
  expect(inbound.filter(({ origin }) => isNewYork(origin))).toEqual([]);
});

test('from wherever one can fly on a day, one can fly back within a day', () => {
  const stranded = stored
    .filter(({ departureDate }) => departureDate < daysAfter(MONDAY, 7))
    .filter(({ origin }) => ['EWR', 'JFK', 'LGA'].includes(origin))
    .filter(
      (there) =>
        !stored.some(
          (back) =>
            back.origin === there.destination &&
            Math.abs(back.departureAt.getTime() - there.arrivalAt.getTime()) < 24 * 60 * MINUTE_MS,
        ),
    );
  expect(stranded.map(({ flightNumber, destination }) => `${flightNumber} ${destination}`)).toEqual(
    [],
  );
});

test.each(['EWR', 'JFK', 'LGA'])('one can change planes in %s on every day', (airport) => {
  for (let day = 0; day < 7; day += 1) {
    const date = daysAfter(MONDAY, day);
    const arrivals = stored.filter(
      ({ destination, departureDate }) => destination === airport && departureDate === date,
    );
    const connected = arrivals.filter(({ origin, arrivalAt }) =>
      stored.some((next) => {
        const minutes = (next.departureAt.getTime() - arrivalAt.getTime()) / MINUTE_MS;
        const goesOn = next.origin === airport && next.destination !== origin;
        return goesOn && minutes >= 45 && minutes <= 360;
      }),
    );
    expect(connected.length).toBeGreaterThan(arrivals.length / 2);
  }
});

test('a number means one flight of a carrier a day, in whichever direction', () => {
  const taken = outbound.map(({ weekday, carrierCode, number }) =>
    [weekday, carrierCode, number].join(' '),
  );
  const numbers = new Set(taken);
  for (const { weekday, carrierCode, number } of inbound) {
    const key = [weekday, carrierCode, number].join(' ');
    expect(numbers).not.toContain(key);
    numbers.add(key);
  }
});

test('a flight back is flown by a carrier, and in an aircraft, that flies there', () => {
  const there = new Set(
    outbound.map(({ carrierCode, aircraft }) => `${carrierCode} ${aircraft.model}`),
  );
  for (const { carrierCode, aircraft } of inbound)
    expect(there).toContain(`${carrierCode} ${aircraft.model}`);
});

test.each([
  ['LAX', 'JFK', 30],
  ['SFO', 'EWR', 30],
  ['ORD', 'LGA', 10],
])(
  'with the wind behind it a flight from %s to %s is faster than the way there',
  (place, newYork, minutes) => {
    const gained = minutesBetween(newYork, place) - minutesBetween(place, newYork);
    expect(gained).toBeGreaterThan(minutes);
  },
);

test('where the way leads neither east nor west, both directions take about the same', () => {
  const gained = minutesBetween('JFK', 'SJU') - minutesBetween('SJU', 'JFK');
  expect(Math.abs(gained)).toBeLessThan(20);
});

test('a flight back takes the same time on every day', () => {
  const known = new Map<string, number>();
  for (const { origin, destination, durationMinutes } of inbound) {
    const route = `${origin.iata} ${destination.iata}`;
    expect(durationMinutes).toBe(known.get(route) ?? durationMinutes);
    known.set(route, durationMinutes);
  }
});
