import type { BookingStatus } from '../../domain/booking-status';
import type { Db } from '../connection';

/** Flights whose bookings are read at once: a few thousand bookings. */
const FLIGHTS_AT_ONCE = 20;

/**
 * Finds the bookings that are sold, and a flight of theirs has not left: their workflows should be
 * running. The soonest departures come first. One that flies twice may be found twice.
 *
 * Goes by the seats of coming flights, which their key finds: bookings of the past are not read, and
 * no index has to be kept for it.
 */
export async function* pageOpenSales(db: Db): AsyncGenerator<string[]> {
  const coming = await db('flights')
    .where('departure_at', '>', db.fn.now())
    .orderBy('departure_at')
    .pluck<string[]>('id');
  const booked: BookingStatus = 'booked';
  for (let start = 0; start < coming.length; start += FLIGHTS_AT_ONCE) {
    const { rows } = await db.raw<{ rows: { id: string }[] }>(
      `SELECT DISTINCT b.id FROM seats s JOIN bookings b ON b.id = s.booking_id
       WHERE s.flight_id = ANY (CAST(:flights AS uuid[])) AND s.state = 'sold' AND b.status = :booked`,
      { flights: coming.slice(start, start + FLIGHTS_AT_ONCE), booked },
    );
    yield rows.map(({ id }) => id);
  }
}
