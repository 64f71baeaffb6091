import type { Db } from '../connection';
import type Changes from '../rows/public/Changes';
import { LOCK_ORDER } from '../seats/seats';

/**
 * Gives a booking the flights, seats and price of its change, in place of those that it has. Seats
 * of flights that it no longer has are put on sale.
 */
export async function exchangeFlights(trx: Db, change: Changes): Promise<void> {
  const { id: changeId, booking_id: bookingId } = change;
  await exchangeSeats(trx, changeId, bookingId);
  const segments = await trx('change_segments').where({ change_id: changeId }).orderBy('position');
  const [first] = segments;
  if (first === undefined) throw new Error(`Bug: change ${changeId} has no flight`);
  const seats = await seatsAfter(trx, changeId, bookingId);

  await trx('passenger_seats').where({ booking_id: bookingId }).delete();
  await trx('booking_segments').where({ booking_id: bookingId }).delete();
  if (segments.length > 1) {
    await trx('booking_segments').insert(
      segments.map(({ change_id: _change, is_new: _isNew, ...segment }) => ({
        booking_id: bookingId,
        ...segment,
      })),
    );
    await trx('passenger_seats').insert(seats.map((seat) => ({ booking_id: bookingId, ...seat })));
  }
  for (const { flight_id, position, seat_number } of seats)
    if (flight_id === first.flight_id)
      await trx('passengers').where({ booking_id: bookingId, position }).update({ seat_number });
  await trx('bookings').where({ id: bookingId }).update({
    flight_id: first.flight_id,
    cabin: first.cabin,
    segment_count: segments.length,
    base_amount: change.base_amount,
    taxes_amount: change.taxes_amount,
    fees_amount: change.fees_amount,
    price_amount: change.price_amount,
    refundable: change.refundable,
    cancellation_fee_amount: change.cancellation_fee_amount,
    pending_change_id: null,
  });
  await trx('bookings').where({ id: bookingId }).increment('change_count', 1);
}

/** Seats are locked in the order of all: a claim that waits may have looked at them as free. */
async function exchangeSeats(trx: Db, changeId: string, bookingId: string): Promise<void> {
  await trx.raw(
    `WITH owned AS (
       SELECT flight_id, seat_number, EXISTS (
         SELECT FROM change_segments g WHERE g.change_id = CAST(:changeId AS uuid)
           AND g.flight_id = seats.flight_id) AS stays
       FROM seats WHERE booking_id = CAST(:bookingId AS uuid) ORDER BY ${LOCK_ORDER} FOR UPDATE
     )
     UPDATE seats s SET state = CASE WHEN owned.stays THEN 'sold' ELSE 'free' END,
       booking_id = CASE WHEN owned.stays THEN s.booking_id END
     FROM owned WHERE s.flight_id = owned.flight_id AND s.seat_number = owned.seat_number`,
    { changeId, bookingId },
  );
}

/** Returns where passengers sit after a change: where they did, on flights that stay. */
async function seatsAfter(
  trx: Db,
  changeId: string,
  bookingId: string,
): Promise<{ flight_id: string; position: number; seat_number: string }[]> {
  const { rows } = await trx.raw<{
    rows: { flight_id: string; position: number; seat_number: string }[];
  }>(
    `SELECT flight_id, position, seat_number FROM change_seats WHERE change_id = :changeId
     UNION ALL
     SELECT had.flight_id, had.position, had.seat_number
     FROM (
       SELECT flight_id, position, seat_number FROM passenger_seats WHERE booking_id = :bookingId
       UNION ALL
       SELECT b.flight_id, p.position, p.seat_number
       FROM bookings b JOIN passengers p ON p.booking_id = b.id
       WHERE b.id = :bookingId AND b.segment_count = 1 AND p.seat_number IS NOT NULL
     ) had
     JOIN change_segments g ON g.change_id = :changeId AND g.flight_id = had.flight_id`,
    { changeId, bookingId },
  );
  return rows;
}
