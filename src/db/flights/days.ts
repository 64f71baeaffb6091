import { DIRECTIONS, type Direction } from '../../domain/flight-schedule/direction';
import { BATCH_LIMITS } from '../batch-limits';
import type { Db } from '../connection';
import type { NewFlight } from './new-flight';
import { addFlights, findStoredFlights } from './schedule';

/** A flight of the schedule. Its inventory is computed only if the database lacks the flight. */
export interface PlannedFlight {
  id: string;
  direction: Direction;
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
 * flight is left as it is. Nothing is added to a direction that is complete: what was deleted from
 * it since stays deleted. Returns undefined once both are.
 */
export async function addMissingFlights(
  db: Db,
  date: string,
  flights: readonly PlannedFlight[],
): Promise<Added | undefined> {
  return db.transaction(async (transaction) => {
    await transaction.raw(BATCH_LIMITS);
    await lockDay(transaction, date);
    const incomplete = await findIncompleteDirections(transaction, date);
    if (incomplete.length === 0) return undefined;
    const wanted = flights.filter(({ direction }) => incomplete.includes(direction));
    const stored = await findStoredFlights(
      transaction,
      wanted.map(({ id }) => id),
    );
    const missing = wanted.filter(({ id }) => !stored.has(id)).map((flight) => flight.inventory());
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
 * Puts on record that a day is complete in both directions. To be called when all its flights have
 * been added. Safe to repeat.
 */
export async function recordCompleteDay(
  db: Db,
  date: string,
  lastDepartureAt: Date,
): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction('flight_schedule_days')
      .insert({ departure_date: date, last_departure_at: lastDepartureAt })
      .onConflict()
      .ignore();
    await transaction('flight_schedule_inbound_days')
      .insert({ departure_date: date })
      .onConflict()
      .ignore();
  });
}

/** Returns those of the dates that are not complete in both directions, in their order. */
export async function findIncompleteDays(db: Db, dates: readonly string[]): Promise<string[]> {
  const complete = await Promise.all(
    DIRECTIONS.map((direction) => findCompleteDays(db, direction, dates)),
  );
  return dates.filter((date) => complete.some((days) => !days.has(date)));
}

async function findIncompleteDirections(db: Db, date: string): Promise<Direction[]> {
  const incomplete: Direction[] = [];
  for (const direction of DIRECTIONS) {
    const complete = await findCompleteDays(db, direction, [date]);
    if (!complete.has(date)) incomplete.push(direction);
  }
  return incomplete;
}

/** A day that was put on sale before there were inbound flights is complete in one of the two. */
const DAYS_OF: Record<Direction, string> = {
  outbound: 'flight_schedule_days',
  inbound: 'flight_schedule_inbound_days',
};

async function findCompleteDays(
  db: Db,
  direction: Direction,
  dates: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.raw<{ rows: { date: string }[] }>(
    `SELECT departure_date AS date FROM ${DAYS_OF[direction]}
     WHERE departure_date = ANY(?::date[])`,
    [[...dates]],
  );
  return new Set(rows.map(({ date }) => date));
}
