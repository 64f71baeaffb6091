import { weekdayOf } from '../../src/activities/flight-schedule/local-time';
import { readWeek, type Week } from '../../src/activities/flight-schedule/week';

/** Of so many flights of the real week, one: still several batches a day, and all its airports. */
const ONE_OF = 6;

/**
 * The week with few of its flights. A real day has 200,000 seats, which take seconds to store: as
 * much as a whole file of other tests.
 */
export function quietWeek(): Week {
  const week = readWeek();
  return { ...week, flights: week.flights.filter((_, index) => index % ONE_OF === 0) };
}

/** How many flights of a day there should be. */
export function flightsOn({ flights }: Week, date: string): number {
  const weekday = weekdayOf(date);
  return flights.filter((flight) => flight.weekday === weekday).length;
}
