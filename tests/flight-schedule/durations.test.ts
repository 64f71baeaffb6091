import { departuresOn } from '../../src/activities/flight-schedule/departures';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { readWeek } from '../../src/activities/flight-schedule/week';

/** Days before and after both changes of US clocks, and every 13th day: all weekdays in turn. */
const DATES = [
  ...dates('2027-03-11', { count: 7, step: 1 }),
  ...dates('2027-11-04', { count: 7, step: 1 }),
  ...dates('2027-01-01', { count: 28, step: 13 }),
];

const week = readWeek();
const zones = new Map(week.places.map(({ iata, timeZone }) => [iata, timeZone]));

/** Every departure on those dates. */
function* everyDeparture() {
  for (const date of DATES)
    for (const { inventory } of departuresOn(week, date, 7)) yield { date, flight: inventory() };
}

test('a flight takes as long in winter as in summer, on all routes and over both changes of clocks', () => {
  const lengths = new Map<string, number>();
  const changed: string[] = [];
  for (const { date, flight } of everyDeparture()) {
    const { flightNumber, origin, destination, departureAt, arrivalAt } = flight;
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
    const key = `${flightNumber} ${origin} ${destination} ${String(weekday)}`;
    const minutes = (arrivalAt.getTime() - departureAt.getTime()) / 60_000;
    if ((lengths.get(key) ?? minutes) !== minutes) changed.push(`${key} ${date}`);
    lengths.set(key, minutes);
  }
  expect(changed).toEqual([]);
  expect(lengths.size).toBe(week.flights.length);
});

test.each([
  { what: 'across zones', flight: ['UA', 15, 'EWR', 'HNL'], minutes: 645 },
  { what: 'within one zone', flight: ['9E', 3310, 'JFK', 'MCI'], minutes: 205 },
])(
  'the extract gives $minutes minutes $what',
  ({ flight: [carrier, number, from, to], minutes }) => {
    const found = week.flights.filter(
      (flight) =>
        flight.carrierCode === carrier &&
        flight.number === number &&
        flight.origin.iata === from &&
        flight.destination.iata === to,
    );
    expect(found.length).toBeGreaterThan(0);
    for (const { durationMinutes } of found)
      expect(Math.abs(durationMinutes - minutes)).toBeLessThanOrEqual(5);
  },
);

test('a flight over midnight lands the day after', () => {
  const late = week.flights.filter(({ departs }) => departs >= '22:30');
  expect(late.length).toBeGreaterThan(10);
  for (const { durationMinutes } of late) expect(durationMinutes).toBeGreaterThan(30);
});

test('a flight is as fast as an airliner over its distance', () => {
  // Block time: half an hour to taxi and climb, then 300 to 560 miles an hour.
  const odd = week.flights.filter(({ distanceMiles, durationMinutes }) => {
    const leastMinutes = (60 * distanceMiles) / 560;
    const mostMinutes = 75 + (60 * distanceMiles) / 300;
    return durationMinutes < leastMinutes || durationMinutes > mostMinutes;
  });
  expect(odd).toEqual([]);
});

test.each([
  { destination: 'PHX', winterHours: 2, summerHours: 3 },
  { destination: 'HNL', winterHours: 5, summerHours: 6 },
  { destination: 'SJU', winterHours: -1, summerHours: 0 },
  { destination: 'BQN', winterHours: -1, summerHours: 0 },
  { destination: 'LAX', winterHours: 3, summerHours: 3 },
])(
  'clocks in $destination are $winterHours hours behind New York in winter, $summerHours in summer',
  ({ destination, winterHours, summerHours }) => {
    for (const [date, hours] of [
      ['2027-01-13', winterHours],
      ['2027-07-14', summerHours],
    ] as const) {
      const flights = departuresOn(week, date, 7)
        .map(({ inventory }) => inventory())
        .filter((flight) => flight.destination === destination);
      expect(flights.length).toBeGreaterThan(0);
      for (const { departureAt, arrivalAt } of flights) {
        const elapsed = arrivalAt.getTime() - departureAt.getTime();
        const shown =
          clockOf(zones.get(destination), arrivalAt) - clockOf('America/New_York', departureAt);
        expect(shown).toBe(elapsed - hours * 3_600_000);
      }
    }
  },
);

function dates(first: string, { count, step }: { count: number; step: number }): string[] {
  return Array.from({ length: count }, (_, index) => daysAfter(first, index * step));
}

/** What a clock shows there, counted in milliseconds as if it were UTC. */
function clockOf(timeZone: string | undefined, at: Date): number {
  if (timeZone === undefined) throw new Error('Bug: the test names no airport of the data');
  return Date.parse(`${at.toLocaleString('sv-SE', { timeZone }).replace(' ', 'T')}Z`);
}
