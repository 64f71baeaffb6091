import type { BookingEventType } from '../domain/booking-event';
import type { Db } from './connection';

/** One entry of a booking's history, as its owner sees it; `occurredAt` in ISO 8601. */
export interface BookingEventView {
  type: BookingEventType;
  occurredAt: string;
  actor: string;
  reason: string | null;
}

/** Reads a booking's history, the oldest entry first. */
export async function readEvents(db: Db, bookingId: string): Promise<BookingEventView[]> {
  const rows = await db('booking_events').where({ booking_id: bookingId }).orderBy('id').select();
  return rows.map(({ type, actor, reason, occurred_at }) => ({
    type: type as BookingEventType,
    occurredAt: occurred_at.toISOString(),
    actor,
    reason,
  }));
}
