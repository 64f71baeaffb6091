import type { Actor, BookingEventType } from '../../domain/booking-event';
import type { Db } from '../connection';

export interface BookingEvent {
  bookingId: string;
  type: BookingEventType;
  actor: Actor;
  /** Why, in words that the booking's owner may read. */
  reason?: string | undefined;
  /** What staff wrote for themselves: the owner never reads it. */
  note?: string | undefined;
  /**
   * Of the message that the entry tells of, where nothing else lets a repetition be known: a
   * message has one entry.
   */
  messageId?: string | undefined;
}

/**
 * Appends to a booking's history, which the database lets no one change afterwards. Called in the
 * transaction of the change that it tells of: a retry that changes nothing appends nothing.
 */
export async function appendEvent(trx: Db, event: BookingEvent): Promise<void> {
  await appendEvents(trx, [event]);
}

/** Appends several events, of whatever bookings, in one statement and in this order; as above. */
export async function appendEvents(trx: Db, events: readonly BookingEvent[]): Promise<void> {
  if (events.length === 0) return;
  await trx('booking_events')
    .insert(
      events.map(({ bookingId, type, actor, reason, note, messageId }) => ({
        booking_id: bookingId,
        type,
        actor: actor.id,
        actor_kind: actor.kind,
        reason: reason ?? null,
        note: note ?? null,
        message_id: messageId ?? null,
      })),
    )
    .onConflict('message_id')
    .ignore();
}
