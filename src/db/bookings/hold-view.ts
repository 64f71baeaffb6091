import type { Booking } from '../../domain/booking';
import type { FareConditions } from '../../domain/fare';
import type { Db } from '../connection';
import { readBooking } from './booking-view';

/** A booking whose seats are held, and what its flights were offered for. */
export interface Hold {
  booking: Booking;
  customerId: string;
  conditions: FareConditions;
}

/** Reads a booking whose seats are held; undefined when it is none, or no longer one. */
export async function readHold(db: Db, bookingId: string): Promise<Hold | undefined> {
  const row = await db('bookings')
    .where({ id: bookingId, status: 'pending' })
    .first('refundable', 'cancellation_fee_amount', 'currency');
  const found = row && (await readBooking(db, bookingId));
  if (row === undefined || found?.booking.status !== 'pending') return undefined;
  return {
    ...found,
    conditions: {
      refundable: row.refundable,
      cancellationFee: { amount: row.cancellation_fee_amount, currency: row.currency },
    },
  };
}
