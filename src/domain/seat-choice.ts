/** Another seat that a passenger is to have on a flight. */
export interface SeatMove {
  /** Of the passenger, from 0. */
  position: number;
  flightId: string;
  seatNumber: string;
}

/** Where someone of a booking sits now. */
export type TakenSeat = SeatMove;

/** What moves mean for a booking: its seats on each flight afterwards, and what that takes. */
export interface SeatExchange {
  /** Moves that change anything. */
  moved: SeatMove[];
  /** Seats that the booking gets, and those that it gives back. */
  taken: Seat[];
  released: Seat[];
}

export interface Seat {
  flightId: string;
  seatNumber: string;
}

/**
 * Returns what moves of passengers mean for the seats of their booking; passengers may exchange
 * seats among themselves. Undefined when two of them would have one seat.
 *
 * @param present - Where everyone sits now, those who stay, too.
 */
export function exchangeSeats(
  present: readonly TakenSeat[],
  moves: readonly SeatMove[],
): SeatExchange | undefined {
  const wanted = new Map(moves.map((move) => [placeOf(move), move]));
  const after = present.map((seat) => wanted.get(placeOf(seat)) ?? seat);
  const owned = new Set(present.map(nameOf));
  const kept = new Set(after.map(nameOf));
  if (kept.size < after.length) return undefined;
  const seatOf = ({ flightId, seatNumber }: TakenSeat): Seat => ({ flightId, seatNumber });
  return {
    moved: after.filter((seat, index) => seat.seatNumber !== present[index]?.seatNumber),
    taken: after.filter((seat) => !owned.has(nameOf(seat))).map(seatOf),
    released: present.filter((seat) => !kept.has(nameOf(seat))).map(seatOf),
  };
}

/** Names a passenger on a flight. */
function placeOf({ position, flightId }: TakenSeat): string {
  return `${String(position)} ${flightId}`;
}

function nameOf({ flightId, seatNumber }: TakenSeat): string {
  return `${flightId} ${seatNumber}`;
}
