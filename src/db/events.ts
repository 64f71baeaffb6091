import type { BookingEventType } from '../domain/booking-event';
import type { Db } from './connection';

export interface BookingEvent {
  bookingId: string;
  type: BookingEventType;
  /** Who did it: a customer's or operator's ID, a provider's name, or `system` for deadlines. */
  actor: string;
  reason?: string | undefined;
}

/**
 * Appends to a booking's history, which the database lets no one change afterwards. Called in the transaction of the change that it tells of: a
 * retry that changes nothing appends nothing.
 */
export async function appendEvent(
  trx: Db,
  { bookingId, type, actor, reason }: BookingEvent,
): Promise<void> {
  await trx('booking_events').insert({
    booking_id: bookingId,
    type,
    actor,
    reason: reason ?? null,
  });
}
