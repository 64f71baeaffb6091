import type { Seat } from '../../domain/seat-choice';
import type { Db } from '../connection';

/** A seat as it is at this moment. */
export interface PresentSeat extends Seat {
  cabin: string;
  isFree: boolean;
  /** Null of a free seat. */
  bookingId: string | null;
}

/** Reads those of some seats that there are. Nothing is locked: they may be taken at once. */
export async function readChosenSeats(db: Db, seats: readonly Seat[]): Promise<PresentSeat[]> {
  const rows = await db('seats')
    .whereIn(
      ['flight_id', 'seat_number'],
      seats.map(({ flightId, seatNumber }) => [flightId, seatNumber]),
    )
    .select('flight_id', 'seat_number', 'cabin', 'state', 'booking_id');
  return rows.map((row) => ({
    flightId: row.flight_id,
    seatNumber: row.seat_number,
    cabin: row.cabin,
    isFree: row.state === 'free',
    bookingId: row.booking_id,
  }));
}
