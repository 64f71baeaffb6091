import type { ChosenSeat } from '../../domain/passenger';
import type { Db } from '../connection';
import { chooseSeatsOnAll, lockFreeSeats, type FreeSeats } from '../seats/seats';
import { run, statement } from '../statement';

/** The new flights of a change, and who needs a seat on each. */
export interface SeatsWanted {
  flightIds: string[];
  cabin: string;
  party: { type: 'adult' | 'child' }[];
  /** Spreads parties over the cabin: the same for the same change. */
  spread: number;
}

/**
 * Locks free seats for a change. Returns those of each flight, in the order of the party; null when
 * there are too few.
 *
 * Without waiting it skips seats that others are about to take. If that leaves too few of those that
 * it chose, it returns undefined: the caller waits then, in a transaction of its own, so that nobody
 * waits for seats while having others out of order.
 */
export async function lockSeatsBeside(
  trx: Db,
  { flightIds, cabin, party, spread }: SeatsWanted,
  { waits }: { waits: boolean },
): Promise<string[][] | null | undefined> {
  const requests = flightIds.map((flightId) => ({ flightId, party, spread }));
  const free = waits
    ? await lockFreeSeats(trx, { flightIds, cabin })
    : await readFreeSeats(trx, flightIds, cabin);
  const chosen = chooseSeatsOnAll(free, requests);
  if (chosen === null || waits) return chosen;
  const seats = pairs(flightIds, chosen);
  const locked = await run(trx, LOCK_CHOSEN, [
    seats.map(({ flightId }) => flightId),
    seats.map(({ seatNumber }) => seatNumber),
  ]);
  return locked.length === seats.length ? chosen : undefined;
}

/** Holds seats that the transaction has locked, beside those that the booking has. */
export async function holdBeside(
  trx: Db,
  bookingId: string,
  seats: readonly ChosenSeat[],
): Promise<void> {
  const held = await run(trx, HOLD_BESIDE, [
    seats.map(({ flightId }) => flightId),
    seats.map(({ seatNumber }) => seatNumber),
    bookingId,
  ]);
  if (held.length !== seats.length) throw new Error('Bug: a locked seat was not free');
}

/** Returns chosen seats one by one. */
export function pairs(
  flightIds: readonly string[],
  seatNumbers: readonly (readonly string[])[],
): ChosenSeat[] {
  return flightIds.flatMap((flightId, index) =>
    (seatNumbers[index] ?? []).map((seatNumber) => ({ flightId, seatNumber })),
  );
}

async function readFreeSeats(trx: Db, flightIds: string[], cabin: string): Promise<FreeSeats> {
  const rows = await trx('seats')
    .whereIn('flight_id', flightIds)
    .where({ cabin, state: 'free' })
    .orderBy(['flight_id', 'row_number', 'seat_number'])
    .select('flight_id', 'seat_number', 'row_number');
  const free = new Map<string, { seatNumber: string; rowNumber: number }[]>();
  for (const { flight_id, seat_number: seatNumber, row_number: rowNumber } of rows)
    free.set(flight_id, [...(free.get(flight_id) ?? []), { seatNumber, rowNumber }]);
  return free;
}

const LOCK_CHOSEN = statement<object, [flightIds: string[], seatNumbers: string[]]>(
  'lock_seats_beside',
  `SELECT s.seat_number
   FROM unnest($1::uuid[], $2::text[]) AS chosen (flight_id, seat_number)
   JOIN seats s ON s.flight_id = chosen.flight_id AND s.seat_number = chosen.seat_number
   WHERE s.state = 'free'
   ORDER BY s.flight_id, s.row_number, s.seat_number FOR UPDATE OF s SKIP LOCKED`,
);

const HOLD_BESIDE = statement<
  object,
  [flightIds: string[], seatNumbers: string[], bookingId: string]
>(
  'hold_seats_beside',
  `UPDATE seats s SET state = 'held', booking_id = $3::uuid
   FROM unnest($1::uuid[], $2::text[]) AS chosen (flight_id, seat_number)
   WHERE s.flight_id = chosen.flight_id AND s.seat_number = chosen.seat_number AND s.state = 'free'
   RETURNING s.seat_number`,
);
