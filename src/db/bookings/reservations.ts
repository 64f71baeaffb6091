import type { Booking, CancellationReason } from '../../domain/booking';
import { SYSTEM } from '../../domain/booking-event';
import { proposeReference, REFERENCE_ATTEMPTS } from '../../domain/booking-reference';
import { holdLimitsFor, type HoldLimits } from '../../domain/hold-limits';
import { pendingBooking } from '../../domain/new-booking';
import { isSeated } from '../../domain/passenger';
import { Refusal } from '../../domain/refusal';
import { isOnSale, paymentDeadline } from '../../domain/sales';
import {
  bookingWorkflowId,
  type BindingRefusal,
  type BookingRequest,
  type BookingStanding,
  type ReservationResult,
} from '../../temporal/contracts';
import type { Db } from '../connection';
import { requireOffer, type Offer } from '../flights/offer-view';
import { bindOutcome, type IdempotencyKey } from '../idempotency/bind-outcome';
import { findOutcome } from '../idempotency/outcome-view';
import { chooseSeats, lockFreeSeats, type SeatWish } from '../seats/seats';
import { readKnownBooking } from './booking-view';
import { lockCustomer, type ReachedLimit } from './customer-limits';
import { appendEvent } from './events';
import { holdSeats } from './hold';
import { readBeforeReservation } from './reservation-view';
import { bookingRow, passengerRows } from './rows';

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
 * Claims don't wait for one another, as long as there are seats that no other claim is about to
 * take. Only a claim that finds none waits for the others, in a transaction of its own: what is
 * free after them decides whether the cabin is sold out.
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
  const claim = (waits: boolean) =>
    db.transaction((trx) => claimSeats(trx, request, { ...terms, waits }));
  const result = (await claim(false)) ?? (await claim(true));
  if (result === undefined) throw new Error('Bug: a claim that waits for the others is final');
  return result;
}

/** After this many choices that others locked first, the claim waits for them instead. */
const OPTIMISTIC_CHOICES = 4;

/**
 * Returns undefined when the seats that are free, and not about to be taken, are too few. The
 * transaction has written nothing then.
 *
 * Claims can't deadlock. One that doesn't wait skips what is locked. One that waits locks from
 * front to back.
 */
async function claimSeats(
  trx: Db,
  request: BookingRequest,
  terms: ReservationTerms & { waits: boolean },
): Promise<ReservationResult | undefined> {
  await lockCustomer(trx, request.customerId);
  const limits = holdLimitsFor(terms, request.maxOpenHolds);
  const view = await readBeforeReservation(trx, request, { limits, at: terms.heldAt });
  if (view.isKnown) return findEarlierReservation(trx, request);
  const offer = view.offer ?? refuseUnknownOffer();
  if (!isOnSale(offer.departureAt, terms.heldAt))
    return refuse(trx, request, offer, terms, 'flight_closed');
  if (view.reachedLimit !== undefined) return turnAway(request, view.reachedLimit);

  const wish = seatWish(request);
  let free = terms.waits ? await lockFreeSeats(trx, request) : view.freeSeats;
  for (let choice = 0; choice < OPTIMISTIC_CHOICES; choice += 1) {
    const seatNumbers = chooseSeats(free, wish);
    if (seatNumbers === null) break;
    const claimed = await hold(trx, request, offer, terms, seatNumbers);
    if (claimed.status === 'held') return claimed.result;
    free = free.filter(({ seatNumber }) => !claimed.taken.includes(seatNumber));
  }
  return terms.waits ? refuse(trx, request, offer, terms, 'seats_unavailable') : undefined;
}

/** Holds the chosen seats, or returns those that others have taken. */
async function hold(
  trx: Db,
  request: BookingRequest,
  offer: Offer,
  { requestedAt, heldAt, paymentWindowSeconds }: ReservationTerms,
  seatNumbers: string[],
): Promise<{ status: 'held'; result: ReservationResult } | { status: 'taken'; taken: string[] }> {
  const { bookingId, fingerprint, idempotencyKey } = request;
  const paymentRequiredBy = paymentDeadline(heldAt, paymentWindowSeconds, offer.departureAt);
  const row = bookingRow(request, offer, { createdAt: requestedAt, paymentRequiredBy });
  for (const reference of referencesOf(bookingId)) {
    const booking = pendingBooking(
      {
        ...{ id: bookingId, reference, workflowId: bookingWorkflowId(bookingId) },
        ...{ flight: offer.flight, cabin: offer.cabin, fare: offer.fare },
        ...{ passengers: request.passengers, createdAt: requestedAt },
      },
      { seatNumbers, paymentRequiredBy },
      new Date(),
    );
    const claimed = await holdSeats(trx, {
      booking: { ...row, reference, status: 'pending' },
      passengers: passengerRows(request, seatNumbers),
      seatNumbers,
      outcome:
        idempotencyKey === null
          ? null
          : { key: idempotencyKey, fingerprint, kind: 'booking_created', body: booking },
    });
    switch (claimed.status) {
      case 'held': {
        const result = { fingerprint, booking, now: standingOf(booking) };
        return { status: 'held', result: { outcome: 'held', ...result } };
      }
      case 'seats_taken':
        return { status: 'taken', taken: claimed.taken };
      case 'reference_taken':
        continue;
      default:
        throw new Error(`Bug: ${String(claimed satisfies never)} is no claim`);
    }
  }
  throw noFreeReference(bookingId);
}

function refuseUnknownOffer(): never {
  throw new Refusal('flight_not_found', 'There is no such flight, or it has no such cabin.');
}

/**
 * Inserts a booking whose seats could not be claimed at all as cancelled, so that a claim which is
 * still running finds it so. Changes nothing when the booking exists.
 */
export async function noteFailedReservation(
  trx: Db,
  request: BookingRequest,
  requestedAt: Date,
): Promise<void> {
  await lockCustomer(trx, request.customerId);
  if ((await trx('bookings').where({ id: request.bookingId }).first('id')) !== undefined) return;
  const offer = await requireOffer(trx, request.flightId, request.cabin);
  await insertCancelled(trx, request, offer, {
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

function standingOf({ status, cancellationReason }: Booking): BookingStanding {
  return { status, cancellationReason };
}

const REFUSALS: Record<BindingRefusal, { statusCode: number; detail: string }> = {
  seats_unavailable: {
    statusCode: 409,
    detail: 'Not enough of the seats that you asked for are free.',
  },
  flight_closed: {
    statusCode: 409,
    detail: 'Sales of this flight have closed: they do 60 minutes before departure.',
  },
};

/**
 * Returns a reservation of this booking that was made before: by a try whose result got lost, or
 * before Temporal's retention dropped its workflow.
 */
async function findEarlierReservation(
  trx: Db,
  request: BookingRequest,
): Promise<ReservationResult> {
  const booking = await readKnownBooking(trx, request.bookingId);
  const outcome =
    request.idempotencyKey === null ? undefined : await findOutcome(trx, keyOf(request));
  if (outcome?.statusCode === 201) {
    const answered = outcome.body as Booking;
    return {
      outcome: 'held',
      fingerprint: outcome.fingerprint,
      booking: answered,
      now: standingOf(booking),
    };
  }
  const { fingerprint } = outcome ?? request;
  switch (booking.cancellationReason) {
    case 'seats_unavailable':
    case 'flight_closed': {
      const code = booking.cancellationReason;
      return { outcome: 'refused', fingerprint, code, detail: REFUSALS[code].detail };
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
function turnAway(
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
  const { statusCode, detail } = REFUSALS[code];
  await insertCancelled(trx, request, offer, { reason: code, createdAt: requestedAt });
  await appendEvent(trx, { bookingId, type: 'seats_refused', actor: SYSTEM, reason: code });
  await bind(trx, request, statusCode, { code, detail });
  return { outcome: 'refused', fingerprint, code, detail };
}

function keyOf(request: BookingRequest): IdempotencyKey {
  return { callerId: request.customerId, route: 'bookings', key: request.idempotencyKey ?? '' };
}

async function bind(
  trx: Db,
  request: BookingRequest,
  statusCode: number,
  body: unknown,
): Promise<void> {
  if (request.idempotencyKey === null) return;
  await bindOutcome(trx, keyOf(request), { fingerprint: request.fingerprint, statusCode, body });
}

function seatWish({ bookingId, flightId, cabin, passengers }: BookingRequest): SeatWish {
  const spread = Number.parseInt(bookingId.slice(-6), 16);
  return { flightId, cabin, party: passengers.filter(isSeated), spread };
}

/** Inserts a booking that never gets seats. */
async function insertCancelled(
  trx: Db,
  request: BookingRequest,
  offer: Offer,
  { reason, createdAt }: { reason: CancellationReason; createdAt: Date },
): Promise<void> {
  const row = {
    ...bookingRow(request, offer, { createdAt, paymentRequiredBy: null }),
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
    const passengers = passengerRows(request);
    await trx('passengers').insert(
      passengers.map((passenger) => ({ ...passenger, booking_id: request.bookingId })),
    );
    return;
  }
  throw noFreeReference(request.bookingId);
}

/** References to try, one after another, until one is free. */
function referencesOf(bookingId: string): string[] {
  return Array.from({ length: REFERENCE_ATTEMPTS }, (_, attempt) =>
    proposeReference(bookingId, attempt),
  );
}

function noFreeReference(bookingId: string): Error {
  return new Error(`No free reference for booking ${bookingId}`);
}
