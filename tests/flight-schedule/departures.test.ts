import { departuresOn, lastDepartureOn } from '../../src/activities/flight-schedule/departures';
import { flightIdOf } from '../../src/activities/flight-schedule/flight-id';
import { readWeek } from '../../src/activities/flight-schedule/week';

const week = readWeek();
const zones = new Map(week.places.map(({ iata, timeZone }) => [iata, timeZone]));

test('a flight has the same ID wherever and whenever it is worked out', () => {
  const flight = { carrierCode: 'UA', number: 1545, origin: { iata: 'EWR' } };
  expect(flightIdOf(flight, '2026-12-01')).toBe('47f1084c-a1d9-5501-b89b-3b0d8c1358f2');
  expect(flightIdOf(flight, '2026-12-02')).not.toBe(flightIdOf(flight, '2026-12-01'));
});

test('a day has the flights of its weekday, each once', () => {
  const monday = departuresOn(week, '2026-12-07', 7).map((departure) => departure.inventory());
  const numbers = monday.map((flight) => `${flight.flightNumber} ${flight.origin}`);
  expect(monday).toHaveLength(week.flights.filter((flight) => flight.weekday === 1).length);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(new Set(monday.map((flight) => flight.departureDate))).toEqual(new Set(['2026-12-07']));
});

test('a flight leaves on its local date and lasts no longer than to Hawaii, whatever the clocks do', () => {
  // The two days on which clocks change, and one on which they don't.
  for (const date of ['2027-03-14', '2027-11-07', '2027-06-20']) {
    for (const departure of departuresOn(week, date, 7)) {
      const { departureAt, arrivalAt, origin, flightNumber } = departure.inventory();
      const local = departureAt.toLocaleDateString('sv-SE', { timeZone: zones.get(origin)! });
      const hours = (arrivalAt.getTime() - departureAt.getTime()) / 3_600_000;
      expect({ flightNumber, origin, local }).toEqual({ flightNumber, origin, local: date });
      expect(hours).toBeGreaterThan(0.5);
      expect(hours).toBeLessThan(12);
    }
  }
});

test('cabins and seats agree', () => {
  for (const departure of departuresOn(week, '2026-12-05', 7)) {
    const { cabins, seats } = departure.inventory();
    for (const { cabin, seatCount } of cabins) {
      expect(seats.filter((seat) => seat.cabin === cabin)).toHaveLength(seatCount);
    }
  }
});

test('the last departure of a day is that of its latest flight, also when clocks change', () => {
  for (const date of ['2027-03-14', '2027-11-07', '2027-06-20']) {
    const instants = departuresOn(week, date, 7).map(({ inventory }) => inventory().departureAt);
    const latest = new Date(Math.max(...instants.map((instant) => instant.getTime())));
    expect(lastDepartureOn(week, date)).toEqual(latest);
  }
});
