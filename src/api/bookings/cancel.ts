import { readBooking } from '../../db/booking-view';
import type { Db } from '../../db/connection';
import type { Booking } from '../../domain/booking';
import type { Caller } from '../auth';
import { Problem, unavailable } from '../problem';
import type { BookingWorkflows } from './workflow';

/**
 * Cancels a booking for its owner or an operator, and answers it as it is then; one that is cancelled already is answered as it is.
 *
 * @throws Problem `payment_in_progress`, or `booking_not_cancellable` when it is paid for.
 */
export async function cancelBooking(
  { db, workflows }: { db: Db; workflows: BookingWorkflows },
  { caller, booking, reason }: { caller: Caller; booking: Booking; reason: string | undefined },
): Promise<Booking> {
  const settled = settledAnswer(booking);
  if (settled !== undefined) return settled;

  const answer = await workflows.cancel(booking.id, {
    requestedBy: caller.id,
    asOperator: caller.isOperator,
    ...(reason === undefined ? {} : { reason }),
  });
  if (answer.kind === 'answered') return answer.result;
  // It may have ended in this very moment: the database tells how.
  const current = await readBooking(db, booking.id);
  const outcome = current && settledAnswer(current.booking);
  if (outcome === undefined) throw unavailable('The booking has not answered: try again.');
  return outcome;
}

function settledAnswer(booking: Booking): Booking | undefined {
  if (booking.status === 'cancelled') return booking;
  if (booking.status === 'booked') {
    throw new Problem(
      'booking_not_cancellable',
      'The booking is paid for: it cannot be cancelled here yet.',
    );
  }
  return undefined;
}
