import type { Booking, BookingStatus, CancellationReason } from '../../domain/booking';
import { SYSTEM } from '../../domain/booking-event';
import { proposeReference, REFERENCE_ATTEMPTS } from '../../domain/booking-reference';
import { quoteFare } from '../../domain/fare';
import { holdLimitsFor, type HoldLimits } from '../../domain/hold-limits';
import { countSeats, isSeated } from '../../domain/passenger';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { isOnSale, paymentDeadline } from '../../domain/sales';
import type {
  BindingRefusal,
  BookingRequest,
  BookingStanding,
  ReservationResult,
} from '../../temporal/contracts';
import type { Db } from '../connection';
import { requireOffer, type Offer } from '../flights/offer-view';
import { bindOutcome } from '../idempotency/bind-outcome';
import type { Decision, IdempotencyKey } from '../idempotency/outcome';
import { findOutcome } from '../idempotency/outcome-view';
import { holdSeats, lockSeats } from '../seats/seats';
import { readKnownBooking } from './booking-view';
import { findReachedHoldLimit, lockCustomer, type ReachedLimit } from './customer-limits';
import { appendEvent } from './events';

export interface ReservationTerms extends HoldLimits {
  /** When the booking was requested, in workflow time. */
  requestedAt: Date;
  /**
   * When its seats are claimed, in workflow time: later, if no worker was running at first. The
   * payment window begins here.
   */
  heldAt: Date;
  paymentWindowSeconds: number;
}

/**
 * Takes seats off sale for a booking, or refuses it. One short transaction writes everything: the
 * booking, its passengers, its first event, and the outcome that its idempotency key is bound to.
 *
 * A customer who is at a limit gets `too_many_holds`, and nothing is written: the same key may be
 * tried again.
 *
 * Safe to retry, also concurrently: claims of one customer queue behind a lock, and a booking that
 * exists already is returned as it is.
 */
export async function reserve(
  db: Db,
  request: BookingRequest,
  terms: ReservationTerms,
): Promise<ReservationResult> {
  return db.transaction(async (trx) => {
    await lockCustomer(trx, request.customerId);
    const earlier = await findEarlierReservation(trx, request);
    if (earlier !== undefined) return earlier;

    const offer = await requireOffer(trx, request.flightId, request.cabin);
    if (!isOnSale(offer.departureAt, terms.heldAt))
      return refuse(trx, request, offer, terms, 'flight_closed');
    const limits = holdLimitsFor(terms, request.maxOpenHolds);
    const reached = await findReachedHoldLimit(trx, request, limits, terms.heldAt);
    if (reached !== undefined) return refuseForNow(request, reached);

    const seatNumbers = await lockSeats(trx, seatRequestOf(request));
    if (seatNumbers === null) return refuse(trx, request, offer, terms, 'seats_unavailable');

    const deadline = paymentDeadline(terms.heldAt, terms.paymentWindowSeconds, offer.departureAt);
    await insertBooking(trx, request, offer, {
      status: 'pending',
      paymentRequiredBy: deadline,
      createdAt: terms.requestedAt,
      seatNumbers,
    });
    await holdSeats(trx, { flightId: request.flightId, bookingId: request.bookingId, seatNumbers });
    await appendEvent(trx, {
      bookingId: request.bookingId,
      type: 'seats_held',
      actor: { kind: 'customer', id: request.customerId },
    });
    const booking = await readKnownBooking(trx, request.bookingId);
    await bind(trx, request, { kind: 'booking_created', body: booking });
    return { outcome: 'held', fingerprint: request.fingerprint, booking, now: standingOf(booking) };
  });
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
  await lockCustomer(trx, request.customerId);
  if ((await trx('bookings').where({ id: request.bookingId }).first('id')) !== undefined) return;
  const offer = await requireOffer(trx, request.flightId, request.cabin);
  await insertBooking(trx, request, offer, {
    status: 'cancelled',
    cancellationReason: 'reservation_failed',
    createdAt: requestedAt,
  });
  await appendEvent(trx, {
    bookingId: request.bookingId,
    type: 'cancelled',
    actor: SYSTEM,
    reason: 'reservation_failed',
  });
}

function standingOf({ status, cancellationReason }: Booking): BookingStanding {
  return { status, cancellationReason };
}

const DETAILS: Record<BindingRefusal, string> = {
  seats_unavailable: REFUSAL_TEXTS.seatsUnavailable,
  flight_closed: REFUSAL_TEXTS.flightClosed,
};

/**
 * Returns a reservation of this booking that was made before: by a try whose result got lost, or
 * before Temporal's retention dropped its workflow.
 */
async function findEarlierReservation(
  trx: Db,
  request: BookingRequest,
): Promise<ReservationResult | undefined> {
  // Nearly every booking is new: it is not read whole only to find that it doesn't exist.
  if ((await trx('bookings').where({ id: request.bookingId }).first('id')) === undefined)
    return undefined;
  const booking = await readKnownBooking(trx, request.bookingId);
  const outcome =
    request.idempotencyKey === null ? undefined : await findOutcome(trx, keyOf(request));
  if (outcome?.kind === 'booking_created') {
    const { fingerprint, body } = outcome;
    return { outcome: 'held', fingerprint, booking: body, now: standingOf(booking) };
  }
  const { fingerprint } = outcome ?? request;
  switch (booking.cancellationReason) {
    case 'seats_unavailable':
    case 'flight_closed': {
      const code = booking.cancellationReason;
      return { outcome: 'refused', fingerprint, code, detail: DETAILS[code] };
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
      return { outcome: 'held', fingerprint, booking, now: standingOf(booking) };
    default:
      throw new Error(`Bug: ${String(booking.cancellationReason satisfies never)} is no reason`);
  }
}

/** Refuses without writing anything: no booking, and no outcome of the key. */
function refuseForNow(
  { fingerprint }: BookingRequest,
  { detail, retryAt }: ReachedLimit,
): ReservationResult {
  const code = 'too_many_holds';
  return { outcome: 'refused', fingerprint, code, detail, retryAt: retryAt.toISOString() };
}

async function refuse(
  trx: Db,
  request: BookingRequest,
  offer: Offer,
  { requestedAt }: ReservationTerms,
  code: BindingRefusal,
): Promise<ReservationResult> {
  const { bookingId, fingerprint } = request;
  const detail = DETAILS[code];
  await insertBooking(trx, request, offer, {
    status: 'cancelled',
    cancellationReason: code,
    createdAt: requestedAt,
  });
  await appendEvent(trx, { bookingId, type: 'seats_refused', actor: SYSTEM, reason: code });
  await bind(trx, request, { kind: 'booking_refused', body: { code, detail } });
  return { outcome: 'refused', fingerprint, code, detail };
}

function keyOf(request: BookingRequest): IdempotencyKey {
  return { callerId: request.customerId, route: 'bookings', key: request.idempotencyKey ?? '' };
}

async function bind(trx: Db, request: BookingRequest, decision: Decision): Promise<void> {
  if (request.idempotencyKey === null) return;
  await bindOutcome(trx, keyOf(request), { fingerprint: request.fingerprint, ...decision });
}

function seatRequestOf({ bookingId, flightId, cabin, passengers }: BookingRequest) {
  const spread = Number.parseInt(bookingId.slice(-6), 16);
  return { flightId, cabin, party: passengers.filter(isSeated), spread };
}

interface NewBooking {
  status: BookingStatus;
  cancellationReason?: CancellationReason;
  paymentRequiredBy?: Date;
  createdAt: Date;
  /** Seat numbers of the passengers who have a seat of their own, in their order. */
  seatNumbers?: string[];
}

async function insertBooking(
  trx: Db,
  request: BookingRequest,
  { fare, conditions }: Offer,
  { status, cancellationReason, paymentRequiredBy, createdAt, seatNumbers = [] }: NewBooking,
): Promise<void> {
  const price = quoteFare(fare, request.passengers);
  const booking = {
    id: request.bookingId,
    customer_id: request.customerId,
    flight_id: request.flightId,
    cabin: request.cabin,
    status,
    cancellation_reason: cancellationReason ?? null,
    seat_count: countSeats(request.passengers),
    base_amount: price.breakdown.base,
    taxes_amount: price.breakdown.taxes,
    fees_amount: price.breakdown.fees,
    price_amount: price.amount,
    currency: price.currency,
    refundable: conditions.refundable,
    cancellation_fee_amount: conditions.cancellationFee.amount,
    contact_email: request.contactEmail,
    payment_required_by: paymentRequiredBy ?? null,
    created_at: createdAt,
  };
  for (let attempt = 0; attempt < REFERENCE_ATTEMPTS; attempt += 1) {
    const reference = proposeReference(request.bookingId, attempt);
    const inserted = await trx('bookings')
      .insert({ ...booking, reference })
      .onConflict('reference')
      .ignore()
      .returning('id');
    if (inserted.length === 1) return insertPassengers(trx, request, seatNumbers);
  }
  throw new Error(`No free reference for booking ${request.bookingId}`);
}

async function insertPassengers(
  trx: Db,
  { bookingId, passengers }: BookingRequest,
  seatNumbers: string[],
): Promise<void> {
  const seats = seatNumbers.values();
  await trx('passengers').insert(
    passengers.map((passenger, position) => ({
      booking_id: bookingId,
      position,
      given_name: passenger.givenName ?? null,
      family_name: passenger.familyName,
      type: passenger.type,
      seat_number: isSeated(passenger) ? (seats.next().value ?? null) : null,
    })),
  );
}
