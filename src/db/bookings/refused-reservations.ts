import type { CancellationReason } from '../../domain/booking';
import { SYSTEM } from '../../domain/booking-event';
import { addPrices, quoteFare } from '../../domain/fare';
import { withoutSeats } from '../../domain/new-booking';
import {
  flightIdsOf,
  type BindingRefusal,
  type BookingRequest,
  type ReservationResult,
} from '../../temporal/contracts/booking';
import type { Db } from '../connection';
import { requireOffers, type OfferedSlices } from '../flights/offer-view';
import { bindOutcome } from '../idempotency/bind-outcome';
import { runTogether } from '../statement';
import { customerLock, type ReachedLimit } from './customer-limits';
import { appendEvent } from './events';
import { noFreeReference, referencesOf } from './references';
import { REFUSAL_DETAILS } from './refusal-details';
import { bookingRow, passengerRows, segmentRows } from './rows';

/**
 * Refuses a booking for good: inserts it as cancelled, and binds its idempotency key to the refusal.
 */
export async function refuseReservation(
  trx: Db,
  request: BookingRequest,
  slices: OfferedSlices,
  {
    code,
    detail = REFUSAL_DETAILS[code],
    requestedAt,
  }: { code: BindingRefusal; detail?: string | undefined; requestedAt: Date },
): Promise<ReservationResult> {
  const { bookingId, customerId, fingerprint, idempotencyKey: key } = request;
  await insertCancelled(trx, request, slices, { reason: code, createdAt: requestedAt });
  await appendEvent(trx, { bookingId, type: 'seats_refused', actor: SYSTEM, reason: code });
  if (key !== null) {
    const body = { id: bookingId, code, detail };
    const outcome = { fingerprint, kind: 'booking_refused', body } as const;
    await bindOutcome(trx, { callerId: customerId, route: 'bookings', key }, outcome);
  }
  return { outcome: 'refused', fingerprint, code, detail };
}

/** Refuses without writing anything: no booking, and no outcome of the key. */
export function refuseForNow(
  { fingerprint }: BookingRequest,
  { detail, retryAt }: ReachedLimit,
): ReservationResult {
  const code = 'too_many_holds';
  return { outcome: 'refused', fingerprint, code, detail, retryAt: retryAt.toISOString() };
}

/**
 * Inserts a booking whose seats could not be claimed at all as cancelled, so that a claim which is
 * still running finds it so. Changes nothing when the booking exists.
 */
export async function recordFailedReservation(
  trx: Db,
  request: BookingRequest,
  requestedAt: Date,
): Promise<void> {
  await runTogether(trx, [customerLock(request.customerId)]);
  if ((await trx('bookings').where({ id: request.bookingId }).first('id')) !== undefined) return;
  const slices = await requireOffers(trx, flightIdsOf(request), request.cabin);
  await insertCancelled(trx, request, slices, {
    reason: 'reservation_failed',
    createdAt: requestedAt,
  });
  await appendEvent(trx, {
    bookingId: request.bookingId,
    type: 'cancelled',
    actor: SYSTEM,
    reason: 'reservation_failed',
  });
}

/** Inserts a booking that never gets seats. */
async function insertCancelled(
  trx: Db,
  request: BookingRequest,
  slices: OfferedSlices,
  { reason, createdAt }: { reason: CancellationReason; createdAt: Date },
): Promise<void> {
  const row = {
    ...bookingRow(request, slices, {
      price: addPrices(slices.flat().map(({ fare }) => quoteFare(fare, request.passengers))),
      createdAt,
      paymentRequiredBy: null,
    }),
    status: 'cancelled',
    cancellation_reason: reason,
  };
  for (const reference of referencesOf(request.bookingId)) {
    const inserted = await trx('bookings')
      .insert({ ...row, reference })
      .onConflict('reference')
      .ignore()
      .returning('id');
    if (inserted.length === 0) continue;
    const passengers = passengerRows(withoutSeats(request.bookingId, request.passengers));
    await trx('passengers').insert(
      passengers.map((passenger) => ({ ...passenger, booking_id: request.bookingId })),
    );
    const segments = segmentRows(request, slices);
    if (segments.length > 0)
      await trx('booking_segments').insert(
        segments.map((segment) => ({ ...segment, booking_id: request.bookingId })),
      );
    return;
  }
  throw noFreeReference(request.bookingId);
}
