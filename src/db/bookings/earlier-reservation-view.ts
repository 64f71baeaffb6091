import type { Booking } from '../../domain/booking';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type {
  BookingRequest,
  BookingStanding,
  ReservationResult,
} from '../../temporal/contracts/booking';
import type { Db } from '../connection';
import { findUnfinishedChange } from '../changes/unfinished-change';
import { findOutcome } from '../idempotency/outcome-view';
import { hasOpenScheduleChange } from '../schedule-changes/offers';
import { listRefundsToStart } from '../refunds/refunds';
import { readBooking, readKnownBooking } from './booking-view';
import { readSale } from './cancellation-view';
import { REFUSAL_DETAILS } from './refusal-details';

/**
 * Returns the reservation of a booking that exists: it was made by a try whose result got lost, or
 * before Temporal's retention dropped its workflow.
 */
export async function readEarlierReservation(
  trx: Db,
  request: BookingRequest,
): Promise<ReservationResult> {
  const booking = await readKnownBooking(trx, request.bookingId);
  const { customerId: callerId, idempotencyKey: key } = request;
  const outcome =
    key === null ? undefined : await findOutcome(trx, { callerId, route: 'bookings', key });
  if (outcome?.kind === 'booking_created') {
    const { fingerprint, body } = outcome;
    return { outcome: 'held', fingerprint, booking: body, now: standingOf(booking) };
  }
  const { fingerprint } = outcome ?? request;
  switch (booking.cancellationReason) {
    case 'seats_unavailable':
    case 'flight_closed': {
      const code = booking.cancellationReason;
      const detail =
        outcome?.kind === 'booking_refused' ? outcome.body.detail : REFUSAL_DETAILS[code];
      return { outcome: 'refused', fingerprint, code, detail };
    }
    // Only earlier versions wrote a booking for it.
    case 'too_many_holds': {
      const detail = 'You held as many unpaid bookings as one customer may.';
      return { outcome: 'refused', fingerprint, code: 'too_many_holds', detail };
    }
    case 'reservation_failed':
      return { outcome: 'failed', fingerprint };
    // These got seats.
    case null:
    case 'payment_expired':
    case 'customer_request':
    case 'operator_request':
    case 'flight_cancelled':
      return { outcome: 'held', fingerprint, booking, now: standingOf(booking) };
    default:
      throw new Error(`Bug: ${String(booking.cancellationReason satisfies never)} is no reason`);
  }
}

/**
 * Reads a booking that was sold, as a reservation whose workflow begins after the sale.
 *
 * @throws Refusal `booking_not_found` when this customer has no such booking, or nobody has paid
 * for it.
 */
export async function readSoldBooking(
  db: Db,
  { bookingId, customerId }: { bookingId: string; customerId: string },
): Promise<Extract<ReservationResult, { outcome: 'held' }>> {
  const found = await readBooking(db, bookingId);
  const sale = await readSale(db, bookingId);
  if (found?.customerId !== customerId || sale === undefined)
    throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  const { booking } = found;
  const openRefunds = await listRefundsToStart(db, bookingId);
  const unfinishedChange = sale.isChanging ? await findUnfinishedChange(db, bookingId) : undefined;
  // No request is repeated here: what its key is bound to is in the database.
  return {
    outcome: 'held',
    fingerprint: '',
    booking,
    now: standingOf(booking),
    ...(openRefunds.length > 0 ? { openRefunds } : {}),
    ...(unfinishedChange === undefined ? {} : { unfinishedChange }),
    ...((await hasOpenScheduleChange(db, bookingId)) ? { hasScheduleChange: true } : {}),
  };
}

/** A booking's standing at this moment. */
export function standingOf({ status, cancellationReason }: Booking): BookingStanding {
  return { status, cancellationReason };
}
