import { CANCELLATION_REASONS } from '../../domain/booking';
import type { ActorKind, BookingEventType } from '../../domain/booking-event';
import type { Db } from '../connection';

/** One entry of a booking's history, as its owner reads it; `occurredAt` in ISO 8601. */
export interface BookingEventView {
  type: BookingEventType;
  occurredAt: string;
  actor: ActorKind;
  /** Why, in words for the owner. */
  reason: string | null;
}

/** The same as staff reads it: with who it was, and what staff wrote for themselves. */
export interface StaffEventView extends BookingEventView {
  by: string;
  note: string | null;
}

/**
 * Reads a booking's history for its owner, the oldest entry first: without names or notes of staff.
 */
export async function readEvents(db: Db, bookingId: string): Promise<BookingEventView[]> {
  const events = await readStaffEvents(db, bookingId);
  return events.map(({ type, occurredAt, actor, reason }) => ({ type, occurredAt, actor, reason }));
}

/** Reads a booking's history for staff, the oldest entry first. */
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
 * Tells what is for the owner from what is for staff. Entries of earlier versions held both in
 * `reason`.
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

/** Whoever is neither the customer nor a process of ours is staff, but where only providers act. */
function oldKindOf({ type, actor, customer_id }: EventRow): ActorKind {
  if (actor === customer_id) return 'customer';
  if (OUR_PROCESSES.includes(actor)) return 'system';
  return type === 'booked' || type === 'payment_not_applied' ? 'payment_provider' : 'airline';
}
