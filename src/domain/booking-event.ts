import type { CancellationReason } from './booking';

/** What happens to a booking, as recorded in its events. */
export const BOOKING_EVENT_TYPES = [
  'seats_held',
  'seats_refused',
  'payment_started',
  'payment_retried',
  'payment_declined',
  'payment_voided',
  'payment_not_applied',
  'booked',
  'change_started',
  'changed',
  'change_failed',
  'cancelled',
  'schedule_changed',
  'schedule_change_accepted',
  'refund_needs_operator',
  'refund_retried',
  'refunded',
  'refund_failed',
  'refunded_by_provider',
  'payment_disputed',
  'dispute_won',
  'dispute_lost',
] as const;

export type BookingEventType = (typeof BOOKING_EVENT_TYPES)[number];

export const ACTOR_KINDS = ['customer', 'airline', 'payment_provider', 'system'] as const;

/** Who acted, as a booking's owner is told. */
export type ActorKind = (typeof ACTOR_KINDS)[number];

/**
 * Who acted. `id` names a customer, an operator, a provider or a part of the system. Only operators
 * see it.
 */
export interface Actor {
  kind: ActorKind;
  id: string;
}

/** The actor of what happens automatically: deadlines, and the work of our own processes. */
export const SYSTEM: Actor = { kind: 'system', id: 'system' };

/** Returns who decided to cancel, given the cancellation reason and the ID that came with it. */
export function cancelledBy(reason: CancellationReason, id: string): Actor {
  switch (reason) {
    case 'customer_request':
      return { kind: 'customer', id };
    case 'operator_request':
    case 'flight_cancelled':
      return { kind: 'airline', id };
    case 'seats_unavailable':
    case 'flight_closed':
    case 'too_many_holds':
    case 'payment_expired':
    case 'reservation_failed':
      return { kind: 'system', id };
    default:
      throw new Error(`Bug: ${String(reason satisfies never)} is no reason`);
  }
}
