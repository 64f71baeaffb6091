import { randomUUID } from 'node:crypto';
import { v5 as uuidv5 } from 'uuid';
import type { Db } from '../../db/connection';
import type { Outcome } from '../../db/idempotency/outcome';
import { findOutcome } from '../../db/idempotency/outcome-view';
import { idOfKey } from '../idempotency';

/** The booking that a create's key stands for, and the outcome that the key is bound to, if any. */
export interface KeyOfBooking {
  bookingId: string;
  bound: Outcome | undefined;
}

/**
 * Returns the ID of the booking that a create makes, derived from its key. Without a key, each
 * request makes a booking of its own.
 */
export function bookingIdOf(callerId: string, key: string | null): string {
  return key === null ? randomUUID() : idOfKey(callerId, 'bookings', key);
}

/**
 * Looks up the key of a create that makes the booking `bookingId`.
 *
 * Earlier versions stored `too_many_holds` as the outcome of a key, beside a cancelled booking. It
 * is no longer bound to keys, but its booking's ID is taken. Such a key stands for another ID,
 * which derives from that one.
 */
export async function lookUpKey(
  db: Db,
  { callerId, key, bookingId }: { callerId: string; key: string | null; bookingId: string },
): Promise<KeyOfBooking> {
  if (key === null) return { bookingId, bound: undefined };
  const outcome = await findOutcome(db, { callerId, route: 'bookings', key });
  if (outcome?.kind !== 'hold_limit_reached') return { bookingId, bound: outcome };
  return { bookingId: uuidv5('after too_many_holds', bookingId), bound: undefined };
}
