import { seatParty, type FreeSeat, type SeatedPassenger } from '../../domain/seating';
import type { Db } from '../connection';
import { run, statement } from '../statement';

/** Seats that a party wants in the cabin of a flight. */
export interface SeatRequest {
  flightId: string;
  /** Everyone who needs a seat: those with a number asked for that seat, the others take any. */
  party: readonly SeatedPassenger[];
  /** Spreads parties over the cabin: any number, the same for the same booking. */
  spread: number;
}

/**
 * Chooses seats for a party among those that are free, from front to back. Returns them in the
 * order of the party; null when there are too few, or a seat that was asked for is not free.
 */
function chooseSeats(
  free: readonly FreeSeat[],
  { party, spread }: Pick<SeatRequest, 'party' | 'spread'>,
): string[] | null {
  const chosen = new Set(party.flatMap(({ seatNumber }) => seatNumber ?? []));
  const others = free.filter(({ seatNumber }) => !chosen.has(seatNumber));
  if (free.length - others.length < chosen.size) return null;
  return seatParty(others, party, startRowOf(others, spread));
}

function startRowOf(free: readonly FreeSeat[], spread: number): number {
  return free[spread % Math.max(free.length, 1)]?.rowNumber ?? 0;
}

/** Free seats by the IDs of their flights. */
export type FreeSeats = ReadonlyMap<string, readonly FreeSeat[]>;

/** Chooses seats on several flights; null when there are none for the party on one of them. */
export function chooseSeatsOnAll(
  free: FreeSeats,
  requests: readonly SeatRequest[],
): string[][] | null {
  const chosen = requests.map((request) => chooseSeats(free.get(request.flightId) ?? [], request));
  return chosen.every((seats) => seats !== null) ? chosen : null;
}

/**
 * Locks the free seats of a cabin of some flights until the transaction ends. Waits for every claim
 * on them that is under way. What is free afterwards is final for this claim.
 *
 * Whoever waits for seats while having others locks them in one order: by flight, and from front to
 * back. So no two can wait for one another.
 */
export async function lockFreeSeats(
  trx: Db,
  { flightIds, cabin }: { flightIds: string[]; cabin: string },
): Promise<FreeSeats> {
  const free = new Map<string, FreeSeat[]>();
  for (const { flightId, ...seat } of await run(trx, LOCK_FREE_SEATS, [flightIds, cabin])) {
    const known = free.get(flightId);
    if (known === undefined) free.set(flightId, [seat]);
    else known.push(seat);
  }
  return free;
}

/** The order in which rows of `seats` are locked, see {@link lockFreeSeats}. */
export const LOCK_ORDER = 'flight_id, row_number, seat_number';

const LOCK_FREE_SEATS = statement<
  FreeSeat & { flightId: string },
  [flightIds: string[], cabin: string]
>(
  'lock_free_seats',
  `SELECT flight_id AS "flightId", seat_number AS "seatNumber", row_number AS "rowNumber" FROM seats
   WHERE flight_id = ANY ($1::uuid[]) AND cabin = $2 AND state = 'free'
   ORDER BY ${LOCK_ORDER} FOR UPDATE`,
);

/**
 * Puts those of a booking's seats that are in the given state back on sale. Returns how many.
 *
 * They are locked in the order of all: a claim that waits may have looked at them as free.
 */
export async function putSeatsOnSale(
  trx: Db,
  bookingId: string,
  state: 'held' | 'sold',
): Promise<number> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    `WITH owned AS (
       SELECT flight_id, seat_number FROM seats
       WHERE booking_id = CAST(:bookingId AS uuid) AND state = :state ORDER BY ${LOCK_ORDER} FOR UPDATE
     )
     UPDATE seats s SET state = 'free', booking_id = NULL FROM owned
     WHERE s.flight_id = owned.flight_id AND s.seat_number = owned.seat_number
     RETURNING s.seat_number`,
    { bookingId, state },
  );
  return rows.length;
}
