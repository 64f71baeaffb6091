import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { Outcome } from '../../db/idempotency/outcome';
import { idOfKey } from '../idempotency';

/**
 * Returns the ID of the booking that a create makes, derived from its key. Without a key, each
 * request makes a booking of its own.
 */
export function bookingIdOf(callerId: string, key: string | null): string {
  return key === null ? randomUUID() : idOfKey(callerId, 'bookings', key);
}

/**
 * What the key of a create stands for: the ID of its booking, and the outcome that it is bound to,
 * if any.
 *
 * Earlier versions stored `too_many_holds` as the outcome of a key, beside a cancelled booking. It
 * is no longer bound to keys, but its booking's ID is taken. Such a key stands for another ID,
 * which derives from that one.
 */
export function meaningOfKey(
  bookingId: string,
  outcome: Outcome | undefined,
): { bookingId: string; bound: Outcome | undefined } {
  if (outcome?.kind !== 'hold_limit_reached') return { bookingId, bound: outcome };
  return { bookingId: uuidv5('after too_many_holds', bookingId), bound: undefined };
}
