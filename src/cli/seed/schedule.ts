import { datesFrom, todayAtOrigins } from '../../activities/flight-schedule/horizon';
import { layOutDay } from '../../activities/flight-schedule/lay-out';
import { readWeek } from '../../activities/flight-schedule/week';
import type { Db } from '../../db/connection';
import {
  addCarriersAndAirports,
  completeAirports,
  settleAfterLoad,
} from '../../db/flights/schedule';

/** Two keep two cores busy; more would only wait for one another. */
const CONNECTIONS = 2;

interface SeedOptions {
  /** A migrated database. The pool needs at least one free connection; two make it faster. */
  db: Db;
  days: number;
  /**
   * The first day, `YYYY-MM-DD`. Default: today at the origins, because flights later today still
   * sell.
   */
  from?: string;
  /** Whether the flights that are there to be tried out are added, too. */
  hasScenarios: boolean;
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
 * Safe to repeat: a stored flight isn't changed, whatever its seats and prices have become, and
 * nothing is added to a day that is complete. Safe to kill and to run twice at once.
 */
export async function seedSchedule({
  db,
  days,
  from,
  hasScenarios,
  onProgress,
}: SeedOptions): Promise<SeedResult> {
  const week = readWeek();
  const today = todayAtOrigins(week, new Date());
  const result = { flightsAdded: 0, seatsAdded: 0 };
  let daysDone = 0;
  onProgress?.(0, `Schedule of ${String(days)} days`);
  await addCarriersAndAirports(db, week.carriers, week.places);
  await completeAirports(db, week.places);

  const remaining = datesFrom(from ?? today, days);
  const takeDays = async () => {
    for (let date = remaining.shift(); date !== undefined; date = remaining.shift()) {
      const added = await layOutDay({ db, week, date, today, hasScenarios }).catch(
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
