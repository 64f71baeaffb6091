import { seatParty, type FreeSeat, type SeatedPassenger } from '../../domain/seating';
import type { Db } from '../connection';
import { run, statement } from '../statement';

/** Seats that a party wants in a cabin. */
export interface SeatRequest {
  flightId: string;
  cabin: string;
  /** Everyone who needs a seat: those with a number asked for that seat, the others take any. */
  party: readonly SeatedPassenger[];
  /** Spreads parties over the cabin: any number, the same for the same booking. */
  spread: number;
}

/**
 * Chooses seats for a party among those that are free, from front to back. Returns them in the
 * order of the party; null when there are too few, or a seat that was asked for is not free.
 */
export function chooseSeats(
  free: readonly FreeSeat[],
  { party, spread }: SeatRequest,
): string[] | null {
  const chosen = new Set(party.flatMap(({ seatNumber }) => seatNumber ?? []));
  const others = free.filter(({ seatNumber }) => !chosen.has(seatNumber));
  if (free.length - others.length < chosen.size) return null;
  return seatParty(others, party, startRowOf(others, spread));
}

function startRowOf(free: readonly FreeSeat[], spread: number): number {
  return free[spread % Math.max(free.length, 1)]?.rowNumber ?? 0;
}

/**
 * Locks the free seats of a cabin until the transaction ends, from front to back. Waits for every
 * claim on the cabin that is under way. What is free afterwards is final for this claim.
 */
export async function lockFreeSeats(
  trx: Db,
  { flightId, cabin }: { flightId: string; cabin: string },
): Promise<FreeSeat[]> {
  return run(trx, LOCK_FREE_SEATS, [flightId, cabin]);
}

const LOCK_FREE_SEATS = statement<FreeSeat, [flightId: string, cabin: string]>(
  'lock_free_seats',
  `SELECT seat_number AS "seatNumber", row_number AS "rowNumber" FROM seats
   WHERE flight_id = $1 AND cabin = $2 AND state = 'free' ORDER BY row_number, seat_number FOR UPDATE`,
);

/** Puts those of a booking's seats that are in the given state back on sale. Returns how many. */
export async function putSeatsOnSale(
  trx: Db,
  bookingId: string,
  state: 'held' | 'sold',
): Promise<number> {
  return trx('seats')
    .where({ booking_id: bookingId, state })
    .update({ state: 'free', booking_id: null });
}
