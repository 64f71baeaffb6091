import { CANCELLATION_REASONS } from '../../domain/booking';
import type { ActorKind, BookingEventType } from '../../domain/booking-event';
import type { Db } from '../connection';

/** One event of a booking, as its owner reads it; `occurredAt` in ISO 8601. */
export interface BookingEventView {
  type: BookingEventType;
  occurredAt: string;
  actor: ActorKind;
  /** The reason, in words for the owner. */
  reason: string | null;
}

/** The same as operators read it, with the actor and the operators' note. */
export interface StaffEventView extends BookingEventView {
  by: string;
  note: string | null;
}

/**
 * Reads a booking's events for its owner, the oldest first: without names or notes of operators.
 */
export async function readEvents(db: Db, bookingId: string): Promise<BookingEventView[]> {
  const events = await readStaffEvents(db, bookingId);
  return events.map(({ type, occurredAt, actor, reason }) => ({ type, occurredAt, actor, reason }));
}

/** Reads a booking's events for operators, the oldest first. */
export async function readStaffEvents(db: Db, bookingId: string): Promise<StaffEventView[]> {
  const rows = await db('booking_events')
    .join('bookings', 'bookings.id', 'booking_events.booking_id')
    .where({ booking_id: bookingId })
    .orderBy('booking_events.id')
    .select<EventRow[]>('booking_events.*', 'customer_id', 'cancellation_reason');
  return rows.map((row) => {
    const { type, actor: by, occurred_at } = row;
    return { type, occurredAt: occurred_at.toISOString(), by, ...audienceOf(row) };
  });
}

interface EventRow {
  type: BookingEventType;
  occurred_at: Date;
  actor: string;
  actor_kind: ActorKind | null;
  reason: string | null;
  note: string | null;
  customer_id: string;
  cancellation_reason: string | null;
}

/**
 * Separates what is for the owner from what is for operators. Events of earlier versions hold both
 * in `reason`.
 */
function audienceOf(row: EventRow): {
  actor: ActorKind;
  reason: string | null;
  note: string | null;
} {
  const { type, reason, note } = row;
  if (row.actor_kind !== null) return { actor: row.actor_kind, reason, note };
  const actor = oldKindOf(row);
  if (actor !== 'airline' || CANCELLATION_REASONS.some((code) => code === reason))
    return { actor, reason, note };
  const forOwner = type === 'cancelled' ? row.cancellation_reason : null;
  return { actor, reason: forOwner, note: reason };
}

/** Our own processes, by the names that earlier versions gave them. */
const OUR_PROCESSES = ['system', 'reconciliation'];

/**
 * Any actor but the customer and our processes is an operator, except in events that only providers
 * cause.
 */
function oldKindOf({ type, actor, customer_id }: EventRow): ActorKind {
  if (actor === customer_id) return 'customer';
  if (OUR_PROCESSES.includes(actor)) return 'system';
  return type === 'booked' || type === 'payment_not_applied' ? 'payment_provider' : 'airline';
}
