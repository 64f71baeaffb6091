import { z } from 'zod';
import { readBooking, type OwnedBooking } from '../../db/bookings/booking-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import type { Caller } from '../auth';
import { Problem } from '../problem';

/**
 * Reads a booking that the caller may see: from the database, or, while no worker has run it, from
 * its workflow's memo.
 *
 * @throws Problem `booking_not_found` when there is none, or it is someone else's: the response is
 * the same.
 */
export async function requireVisibleBooking(
  { db, workflows }: { db: Db; workflows: BookingWorkflows },
  caller: Caller,
  bookingId: string,
): Promise<OwnedBooking> {
  const found = z.uuid().safeParse(bookingId).success
    ? ((await readBooking(db, bookingId)) ?? (await workflows.describe(bookingId.toLowerCase())))
    : undefined;
  if (found === undefined || !(caller.isOperator || found.customerId === caller.id)) {
    throw new Problem('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  }
  return found;
}

/**
 * Removes actions that the database alone would offer for an unpaid booking whose workflow has
 * ended. A terminated workflow takes no payment and no cancellation. Costs one call of Temporal, so
 * only for a single booking, not for lists.
 */
export async function withTrueActions(
  workflows: Pick<BookingWorkflows, 'isRunning'>,
  booking: Booking,
): Promise<Booking> {
  if (booking.status !== 'pending' || booking.availableActions.length === 0) return booking;
  return (await workflows.isRunning(booking.id)) ? booking : { ...booking, availableActions: [] };
}
