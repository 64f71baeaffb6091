import type { Actor, BookingEventType } from '../../domain/booking-event';
import type { Db } from '../connection';

export interface BookingEvent {
  bookingId: string;
  type: BookingEventType;
  actor: Actor;
  /** The reason, in words that the booking's owner may read. */
  reason?: string | undefined;
  /** The operator's note: the owner never reads it. */
  note?: string | undefined;
  /**
   * ID of the message that the event records, where nothing else identifies a repetition. A message
   * has one event.
   */
  messageId?: string | undefined;
}

/**
 * Appends to a booking's events, which the database lets no one change afterwards.
 *
 * Called in the transaction of the change that the event records, so a retry that changes nothing
 * appends nothing.
 */
export async function appendEvent(trx: Db, event: BookingEvent): Promise<void> {
  await appendEvents(trx, [event]);
}

/** Appends several events, of any bookings, in one statement and in this order; as above. */
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
