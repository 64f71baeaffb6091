import { seatParty, type FreeSeat, type SeatedPassenger } from '../../domain/seating';
import type { Db } from '../connection';

export interface SeatRequest {
  flightId: string;
  cabin: string;
  /** Everyone who needs a seat: those with a number asked for that seat, the others take any. */
  party: readonly SeatedPassenger[];
  /** Spreads parties over the cabin: any number, the same for the same booking. */
  spread: number;
}

/** After this many picks that others locked first, the claim queues for the whole cabin instead. */
const OPTIMISTIC_PICKS = 4;

/**
 * Locks the seats of a party until the transaction ends: the requested ones, and as many others as
 * it needs, all or none. The locked rows, not an earlier read, are what prevents overselling.
 *
 * Picks are locked with SKIP LOCKED, so that parties don't wait for one another. That can miss a
 * seat which another claim is about to give back. So "sold out" is decided only after a read that
 * waits for all other claims.
 *
 * Claims can't deadlock: one that waits for a lock holds only seats further to the front.
 *
 * @returns the seats of the party, in their order; null when there are too few.
 */
export async function lockSeats(trx: Db, wish: SeatRequest): Promise<string[] | null> {
  return (await lockWithoutWaiting(trx, wish)) ?? (await lockAfterWaiting(trx, wish));
}

/**
 * Locks what is free without queueing for the cabin. If that isn't enough, a savepoint releases
 * everything.
 */
async function lockWithoutWaiting(trx: Db, wish: SeatRequest): Promise<string[] | null> {
  const savepoint = await trx.transaction();
  const seats = await pickSeats(savepoint, wish);
  await (seats === null ? savepoint.rollback() : savepoint.commit());
  return seats;
}

async function pickSeats(trx: Db, wish: SeatRequest): Promise<string[] | null> {
  const chosen = requestedSeats(wish);
  const given = await lockFree(trx, wish, chosen, 'FOR UPDATE');
  if (given.length < chosen.length) return null;
  if (chosen.length === wish.party.length) return chosen;

  const missed = new Set(chosen);
  for (let pick = 0; pick < OPTIMISTIC_PICKS; pick += 1) {
    const free = (await findFree(trx, wish)).filter(({ seatNumber }) => !missed.has(seatNumber));
    const seats = seatParty(free, wish.party, startRowOf(free, wish.spread));
    if (seats === null) return null;
    const picked = seats.filter((seat) => !chosen.includes(seat));
    const locked = await lockFree(trx, wish, picked, 'FOR UPDATE SKIP LOCKED');
    if (locked.length === picked.length) return seats;
    picked.forEach((seat) => missed.add(seat));
  }
  return null;
}

/**
 * Waits for every claim on the cabin that is under way, from front to back. What is free afterwards
 * is final for this claim.
 */
async function lockAfterWaiting(trx: Db, wish: SeatRequest): Promise<string[] | null> {
  const free = await findFree(trx, wish, 'FOR UPDATE');
  const isFree = new Set(free.map(({ seatNumber }) => seatNumber));
  const chosen = requestedSeats(wish);
  if (!chosen.every((seat) => isFree.has(seat))) return null;
  const others = free.filter(({ seatNumber }) => !chosen.includes(seatNumber));
  return seatParty(others, wish.party, startRowOf(others, wish.spread));
}

function requestedSeats({ party }: SeatRequest): string[] {
  return party.flatMap(({ seatNumber }) => seatNumber ?? []);
}

function startRowOf(free: readonly FreeSeat[], spread: number): number {
  return free[spread % Math.max(free.length, 1)]?.rowNumber ?? 0;
}

async function findFree(trx: Db, { flightId, cabin }: SeatRequest, lock = ''): Promise<FreeSeat[]> {
  const { rows } = await trx.raw<{ rows: FreeSeat[] }>(
    `SELECT seat_number AS "seatNumber", row_number AS "rowNumber" FROM seats
     WHERE flight_id = ? AND cabin = ? AND state = 'free' ORDER BY row_number, seat_number ${lock}`,
    [flightId, cabin],
  );
  return rows;
}

async function lockFree(
  trx: Db,
  { flightId, cabin }: SeatRequest,
  seatNumbers: readonly string[],
  lock: 'FOR UPDATE' | 'FOR UPDATE SKIP LOCKED',
): Promise<string[]> {
  if (seatNumbers.length === 0) return [];
  const { rows } = await trx.raw<{ rows: { seat_number: string }[] }>(
    `SELECT seat_number FROM seats
     WHERE flight_id = ? AND cabin = ? AND state = 'free' AND seat_number = ANY(?)
     ORDER BY row_number, seat_number ${lock}`,
    [flightId, cabin, [...seatNumbers]],
  );
  return rows.map((row) => row.seat_number);
}

/** Holds locked seats for a booking, whose row must exist already. */
export async function holdSeats(
  trx: Db,
  {
    flightId,
    bookingId,
    seatNumbers,
  }: { flightId: string; bookingId: string; seatNumbers: string[] },
): Promise<void> {
  const held = await trx('seats')
    .where({ flight_id: flightId, state: 'free' })
    .whereIn('seat_number', seatNumbers)
    .update({ state: 'held', booking_id: bookingId });
  if (held !== seatNumbers.length) throw new Error('Bug: a locked seat was not free');
}

/** Marks a booking's held seats as sold. Returns how many. */
export async function sellSeats(trx: Db, bookingId: string): Promise<number> {
  return trx('seats').where({ booking_id: bookingId, state: 'held' }).update({ state: 'sold' });
}

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
