import type { Db } from '../../db/connection';
import { addMissingFlights, recordCompleteDay, type Added } from '../../db/flights/days';
import { addCarriersAndAirports } from '../../db/flights/schedule';
import { SCENARIO_CARRIER, SCENARIO_ROUTE } from '../../domain/flight-schedule/scenario-flights';
import { departuresOn, lastDepartureOn } from './departures';
import { daysBetween } from './local-time';
import { scenarioDeparturesOn } from './scenario-departures';
import type { Week } from './week';

/**
 * Flights that are put on sale in one transaction. Fifty have some 7,000 seats, which take a tenth
 * of a second: nobody who books meanwhile notices.
 */
const BATCH = 50;

interface LayOut {
  /** A database with the week's carriers and airports. */
  db: Db;
  week: Week;
  date: string;
  /** Today at the origins: prices depend on how far away the day is. */
  today: string;
  /** Whether the flights that are there to be tried out go on sale, too. */
  hasScenarios: boolean;
  /** Called after each batch, with the time that it took. */
  afterBatch?: (elapsedMs: number) => Promise<void>;
}

/**
 * Puts all flights of a day on sale, every seat free, and then puts on record that the day is
 * complete.
 *
 * Safe to repeat, to kill, and to run twice at once: a stored flight isn't changed, whatever its
 * seats and prices have become, and nothing is added to a complete day.
 */
export async function layOutDay({
  db,
  week,
  date,
  today,
  hasScenarios,
  afterBatch,
}: LayOut): Promise<Added> {
  const departures = departuresOn(week, date, daysBetween(today, date));
  if (hasScenarios) {
    await addCarriersAndAirports(db, [SCENARIO_CARRIER], Object.values(SCENARIO_ROUTE));
    departures.push(...scenarioDeparturesOn(date));
  }
  const added: Added = { flightsAdded: 0, seatsAdded: 0 };
  for (let first = 0; first < departures.length; first += BATCH) {
    const startedAt = performance.now();
    const batch = departures.slice(first, first + BATCH);
    const more = await addMissingFlights(db, date, batch);
    if (more === undefined) return added;
    added.flightsAdded += more.flightsAdded;
    added.seatsAdded += more.seatsAdded;
    await afterBatch?.(performance.now() - startedAt);
  }
  await recordCompleteDay(db, date, lastDepartureOn(week, date));
  return added;
}
