import { waitUntil } from '../../src/cli/wait';
import type { Db } from '../../src/db/connection';
import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import type { Booking } from '../../src/domain/booking';
import type { Client } from '../api/client';
import { persist } from './shopper';
import type { Travel } from './traveller';

/** Whatever was begun ends by itself, however busy the machine is. */
const SETTLES_WITHIN_MS = 90_000;

/**
 * Waits until nothing of these bookings is under way: no change, no charge, no refund, and no
 * schedule change that they were not told of.
 */
export async function untilSettled(db: Db, bookingIds: string[]): Promise<void> {
  const open = async () => {
    const { rows } = await db.raw<{ rows: { what: string; id: string }[] }>(
      `SELECT 'change' AS what, id FROM changes WHERE status = 'pending' AND booking_id = ANY (:ids)
       UNION ALL
       SELECT 'charge', id FROM payments
       WHERE status IN ('processing', 'authorized') AND booking_id = ANY (:ids)
       UNION ALL
       SELECT 'refund', r.id FROM refunds r JOIN payments p ON p.id = r.payment_id
       WHERE r.status <> 'succeeded' AND p.booking_id = ANY (:ids)
       UNION ALL
       SELECT 'notice ' || state, booking_id FROM booking_schedule_changes
       WHERE state IN ('pending', 'failed') AND booking_id = ANY (:ids)`,
      { ids: bookingIds },
    );
    return rows;
  };
  let left: unknown[] = [];
  await waitUntil(async () => (left = await open()).length === 0, {
    timeoutMs: SETTLES_WITHIN_MS,
    intervalMs: 200,
    onTimeout: () => new Error(`Still open: ${JSON.stringify(left)}`),
  });
}

/** Reads a schedule change, once it is carried out: it may be accepted before. */
export async function readApplied(operator: Client, id: string): Promise<ScheduleChange> {
  const read = () => operator.get<ScheduleChange>(`/api/v1/schedule-changes/${id}`);
  return (await persist(read, ({ status }) => status === 200)).body;
}

/** Returns what the provider's own books have of a booking, in cents: money in less money out. */
export async function moneyAtProvider(db: Db, bookingId: string): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ net: number }] }>(
    `SELECT CAST(coalesce(sum(i.amount - (
       SELECT coalesce(sum(r.amount), 0) FROM sandbox_provider.refunds r
       WHERE r.payment_intent_id = i.id)), 0) AS bigint) AS net
     FROM sandbox_provider.payment_intents i
     WHERE i.booking_id = :bookingId AND i.status = 'captured'`,
    { bookingId },
  );
  return rows[0].net;
}

/**
 * Holds the money at the provider against what the final state says, and against what the customer
 * was told, to the cent: the price and the fees of changes; of a cancelled booking these fees and
 * what its cancellation kept.
 */
export async function expectExactMoney(db: Db, travel: Travel, final: Booking): Promise<void> {
  const { changes, isPaid } = travel;
  const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
  const fees = sum(changes.map(({ fee }) => fee.amount));
  const price = travel.booking.price.amount + sum(changes.map((one) => one.difference.amount));
  for (const { difference, fee, toPay, toRefund } of changes) {
    expect(toPay.amount - toRefund.amount).toBe(difference.amount + fee.amount);
    expect(Math.min(toPay.amount, toRefund.amount)).toBe(0);
  }
  const kept = final.status === 'cancelled' ? price - (final.refund?.amount ?? 0) : price;
  const wanted = isPaid ? { price, net: kept + fees } : { price, net: 0 };
  const net = await moneyAtProvider(db, final.id);
  expect({ id: final.id, price: final.price.amount, net }).toEqual({ id: final.id, ...wanted });
  if (travel.cancelled !== undefined)
    expect(final).toMatchObject({ status: 'cancelled', price: travel.cancelled.price });
}

/**
 * Holds the seats of all flights against the bookings as their owners see them: each passenger of a
 * live one owns a seat on each of its flights, and nobody owns any other.
 */
export async function expectExactSeats(
  db: Db,
  flightIds: string[],
  bookings: readonly Booking[],
): Promise<void> {
  const owned = bookings.flatMap(({ id, status, passengers }) =>
    status === 'cancelled'
      ? []
      : passengers.flatMap(({ seats = [] }) =>
          seats.map(({ flightId, seatNumber }) => `${flightId} ${seatNumber} ${id} ${status}`),
        ),
  );
  const rows = await db('seats').whereIn('flight_id', flightIds).whereNot({ state: 'free' });
  const taken = rows.map(
    ({ flight_id, seat_number, booking_id, state }) =>
      `${flight_id} ${seat_number} ${booking_id ?? ''} ${state === 'sold' ? 'booked' : 'pending'}`,
  );
  expect(taken.sort()).toEqual(owned.sort());
  for (const { status, slices = [], passengers } of bookings)
    if (status !== 'cancelled')
      for (const { seats = [] } of passengers)
        expect(seats.map(({ flightId }) => flightId)).toEqual(
          slices.flatMap(({ segments }) => segments.map(({ id }) => id)),
        );
}
