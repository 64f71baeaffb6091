import type { Db } from '../../db/connection';
import {
  addCarriersAndAirports,
  addFlights,
  findStoredFlights,
  lockScheduleOf,
  settleAfterLoad,
} from '../../db/flights/schedule';
import { departuresOn } from './departures';
import { dateIn, daysAfter, daysBetween } from './local-time';
import { readWeek, type Week } from './week';

/** Two weeks are enough to try everything, and are stored in half a minute. */
export const DEFAULT_DAYS = 14;

/** Two keep two cores busy; more would only wait for one another. */
const CONNECTIONS = 2;

interface SeedOptions {
  /** A migrated database. The pool needs at least one free connection; two make it faster. */
  db: Db;
  days?: number;
  /**
   * The first day, `YYYY-MM-DD`. Default: today at the origins, because flights later today still
   * sell.
   */
  from?: string;
  /** Called after every day; `fraction` goes from 0 to 1. */
  onProgress?: (fraction: number, text: string) => void;
}

interface SeedResult {
  flightsAdded: number;
  seatsAdded: number;
}

/**
 * Stores the schedule of the coming days, with every seat free.
 *
 * Safe to repeat: a stored flight isn't changed, whatever its seats and prices have become. Safe to
 * kill, since a day is one transaction. Safe to run twice at once, since a day has one writer at a
 * time.
 */
export async function seedSchedule({
  db,
  days = DEFAULT_DAYS,
  from,
  onProgress,
}: SeedOptions): Promise<SeedResult> {
  const week = readWeek();
  const result = { flightsAdded: 0, seatsAdded: 0 };
  let daysDone = 0;
  onProgress?.(0, `Schedule of ${String(days)} days`);
  await addCarriersAndAirports(db, week.carriers, week.places);

  const remaining = datesToSeed(week, days, from);
  const today = todayAtOrigins(week);
  const takeDays = async () => {
    for (let date = remaining.shift(); date !== undefined; date = remaining.shift()) {
      const added = await addDay(db, week, date, daysBetween(today, date)).catch(
        (error: unknown) => {
          // The other connection also stops after its day: nothing continues after the caller got
          // the error.
          remaining.length = 0;
          throw error;
        },
      );
      result.flightsAdded += added.flightsAdded;
      result.seatsAdded += added.seatsAdded;
      daysDone += 1;
      onProgress?.(daysDone / (days + 1), `${date}: ${String(added.flightsAdded)} flights added`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, takeDays));

  if (result.flightsAdded > 0) await settleAfterLoad(db);
  onProgress?.(
    1,
    `${String(result.flightsAdded)} flights and ${String(result.seatsAdded)} seats added`,
  );
  return result;
}

function datesToSeed(week: Week, days: number, from: string | undefined): string[] {
  const first = from ?? todayAtOrigins(week);
  return Array.from({ length: days }, (_, day) => daysAfter(first, day));
}

/**
 * Returns today's date at the origins. Where they are in several zones, it is the earliest date, so
 * that no flight of today is left out.
 */
function todayAtOrigins(week: Week): string {
  const zones = new Set(week.flights.map((flight) => flight.origin.timeZone));
  const today = [...zones].map((zone) => dateIn(zone, new Date())).sort()[0];
  if (today === undefined) throw new Error('Bug: the week has no flights');
  return today;
}

async function addDay(db: Db, week: Week, date: string, daysAhead: number): Promise<SeedResult> {
  const departures = departuresOn(week, date, daysAhead);
  return db.transaction(async (transaction) => {
    await lockScheduleOf(transaction, date);
    const stored = await findStoredFlights(
      transaction,
      departures.map(({ id }) => id),
    );
    const missing = departures
      .filter(({ id }) => !stored.has(id))
      .map((departure) => departure.inventory());
    await addFlights(transaction, missing);
    return {
      flightsAdded: missing.length,
      seatsAdded: missing.reduce((sum, { seats }) => sum + seats.length, 0),
    };
  });
}
