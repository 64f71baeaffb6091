import { BATCH_LIMITS } from '../batch-limits';
import type { Db } from '../connection';
import { addFlights, findStoredFlights, type NewFlight } from './schedule';

/** A flight of the schedule. Its inventory is computed only if the database lacks the flight. */
export interface PlannedFlight {
  id: string;
  inventory: () => NewFlight;
}

/** How much a run put on sale. */
export interface Added {
  flightsAdded: number;
  seatsAdded: number;
}

/** Any number that no other advisory lock of ours uses. */
const SCHEDULE_LOCK = 2_013;

/**
 * Puts those flights of one day on sale that are not stored yet, in one short transaction.
 *
 * Safe to repeat, and to run twice at once: one transaction at a time writes a day, and a stored
 * flight is left as it is. Returns undefined, and adds nothing, once the day is complete: what was
 * deleted from it since stays deleted.
 */
export async function addMissingFlights(
  db: Db,
  date: string,
  flights: readonly PlannedFlight[],
): Promise<Added | undefined> {
  return db.transaction(async (transaction) => {
    await transaction.raw(BATCH_LIMITS);
    await lockDay(transaction, date);
    if ((await findIncompleteDays(transaction, [date])).length === 0) return undefined;
    const stored = await findStoredFlights(
      transaction,
      flights.map(({ id }) => id),
    );
    const missing = flights.filter(({ id }) => !stored.has(id)).map((flight) => flight.inventory());
    await addFlights(transaction, missing);
    return {
      flightsAdded: missing.length,
      seatsAdded: missing.reduce((sum, { seats }) => sum + seats.length, 0),
    };
  });
}

/** Lets one transaction at a time write a day. A second one waits, and finds the day written. */
async function lockDay(transaction: Db, date: string): Promise<void> {
  await transaction.raw(`SELECT pg_advisory_xact_lock(?, ?::date - date '2000-01-01')`, [
    SCHEDULE_LOCK,
    date,
  ]);
}

/**
 * Puts on record that a day is complete. To be called when all its flights have been added. Safe to
 * repeat.
 */
export async function recordCompleteDay(
  db: Db,
  date: string,
  lastDepartureAt: Date,
): Promise<void> {
  await db('flight_schedule_days')
    .insert({ departure_date: date, last_departure_at: lastDepartureAt })
    .onConflict()
    .ignore();
}

/** Returns those of the dates that are not complete, in their order. */
export async function findIncompleteDays(db: Db, dates: readonly string[]): Promise<string[]> {
  const rows = await db('flight_schedule_days')
    .select('departure_date')
    .whereRaw('departure_date = ANY(?::date[])', [[...dates]]);
  const complete = new Set<string>(rows.map((row) => row.departure_date));
  return dates.filter((date) => !complete.has(date));
}
