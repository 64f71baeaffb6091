import type { TakenSeat } from '../../domain/seat-choice';
import type { Db } from '../connection';
import type { AmendedBooking } from './amended-booking';

/** A flight of a booking. */
export interface FlownSegment {
  flightId: string;
  cabin: string;
  /** `cancelled` where the airline has cancelled it. */
  status: string;
  departureAt: Date;
}

/** Reads the flights of a booking; of a booking of one flight its own row tells. */
export async function readSegments(trx: Db, { row }: AmendedBooking): Promise<FlownSegment[]> {
  const { rows } = await trx.raw<{ rows: FlownSegment[] }>(
    `SELECT f.id AS "flightId", g.cabin, f.status, f.departure_at AS "departureAt"
     FROM (
       SELECT CAST(:flightId AS uuid) AS flight_id, CAST(:cabin AS text) AS cabin
       WHERE CAST(:segments AS integer) = 1
       UNION ALL
       SELECT flight_id, cabin FROM booking_segments WHERE booking_id = CAST(:bookingId AS uuid)
     ) g JOIN flights f ON f.id = g.flight_id`,
    {
      bookingId: row.id,
      flightId: row.flight_id,
      cabin: row.cabin,
      segments: row.segment_count,
    },
  );
  return rows;
}

/** Returns where everyone of a booking sits, on each of its flights. */
export async function readPresentSeats(
  trx: Db,
  { row, passengers }: AmendedBooking,
): Promise<TakenSeat[]> {
  if (row.segment_count === 1)
    return passengers.flatMap(({ position, seat_number: seatNumber }) =>
      seatNumber === null ? [] : [{ position, flightId: row.flight_id, seatNumber }],
    );
  const seats = await trx('passenger_seats').where({ booking_id: row.id });
  return seats.map(({ position, flight_id: flightId, seat_number: seatNumber }) => ({
    position,
    flightId,
    seatNumber,
  }));
}

/** Writes where passengers sit who have moved. The seats are the booking's by then. */
export async function movePassengers(
  trx: Db,
  { row }: AmendedBooking,
  moved: readonly TakenSeat[],
): Promise<void> {
  const bookingId = row.id;
  for (const { position, flightId, seatNumber } of moved)
    if (flightId === row.flight_id)
      await trx('passengers')
        .where({ booking_id: bookingId, position })
        .update({ seat_number: seatNumber });
  if (row.segment_count === 1) return;
  // A row at a time would have two of them in one seat, where passengers exchange theirs.
  await trx('passenger_seats')
    .where({ booking_id: bookingId })
    .whereIn(
      ['flight_id', 'position'],
      moved.map(({ flightId, position }) => [flightId, position]),
    )
    .delete();
  await trx('passenger_seats').insert(
    moved.map(({ position, flightId, seatNumber }) => ({
      booking_id: bookingId,
      position,
      flight_id: flightId,
      seat_number: seatNumber,
    })),
  );
}
