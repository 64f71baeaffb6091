import type { Booking, BookingStatus, CancellationReason } from '../domain/booking';
import { proposeReference, REFERENCE_ATTEMPTS } from '../domain/booking-reference';
import { quoteFare } from '../domain/fare';
import { countSeats, isSeated } from '../domain/passenger';
import { isOnSale, paymentDeadline } from '../domain/sales';
import type {
  BookingRequest,
  BookingStanding,
  ReservationRefusal,
  ReservationResult,
} from '../temporal/contracts';
import { readKnownBooking } from './booking-view';
import type { Db } from './connection';
import { appendEvent } from './events';
import { requireOffer, type Offer } from './offers';
import { findOutcome } from './bound-outcomes';
import { bindOutcome, type IdempotencyKey } from './outcomes';
import { holdSeats, lockSeats } from './seats';

export interface ReservationTerms {
  /** When the booking was asked for: its workflow's time. */
  requestedAt: Date;
  /** When its seats are claimed, in workflow time: later, if no worker was there at first. The payment window begins here. */
  heldAt: Date;
  paymentWindowSeconds: number;
  maxOpenHoldsPerCustomer: number;
}

/**
 * Takes seats off sale for a booking, or refuses it, in one short transaction with everything that this brings about: the booking, its
 * passengers, its first event, and the answer that its idempotency key is bound to.
 *
 * Safe to retry, also at once: claims of one customer queue behind a lock, and a booking that is there already is answered as it is.
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
    const refusal =
      findClosedFlight(offer, terms) ?? (await findTooManyHolds(trx, request.customerId, terms));
    if (refusal !== undefined) return refuse(trx, request, offer, terms, refusal);

    const seatNumbers = await lockSeats(trx, seatWish(request));
    if (seatNumbers === null) return refuse(trx, request, offer, terms, SOLD_OUT);

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
      actor: request.customerId,
    });
    const booking = await readKnownBooking(trx, request.bookingId);
    await bind(trx, request, 201, booking);
    return { outcome: 'held', fingerprint: request.fingerprint, booking, now: standingOf(booking) };
  });
}

/**
 * Notes a booking whose seats could not be claimed at all, so that a claim which is still on its way finds it cancelled. Changes nothing when the
 * booking is there.
 */
export async function noteFailedReservation(
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
    actor: 'system',
    reason: 'reservation_failed',
  });
}

function standingOf({ status, cancellationReason }: Booking): BookingStanding {
  return { status, cancellationReason };
}

interface RefusalNote {
  code: ReservationRefusal;
  detail: string;
}

const SOLD_OUT: RefusalNote = {
  code: 'seats_unavailable',
  detail: 'Not enough of the seats that you asked for are free.',
};

const STATUS_CODES: Record<ReservationRefusal, number> = {
  seats_unavailable: 409,
  flight_closed: 409,
  too_many_holds: 429,
};

async function lockCustomer(trx: Db, customerId: string): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [customerId]);
}

/** A reservation of this booking that was made before: by a try whose answer got lost, or before Temporal's retention dropped it. */
async function findEarlierReservation(
  trx: Db,
  request: BookingRequest,
): Promise<ReservationResult | undefined> {
  // Hardly ever: a fresh booking is not read whole only to find that it isn't there.
  if ((await trx('bookings').where({ id: request.bookingId }).first('id')) === undefined)
    return undefined;
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
  const reason = booking.cancellationReason;
  if (reason === 'seats_unavailable' || reason === 'flight_closed' || reason === 'too_many_holds') {
    return { outcome: 'refused', fingerprint, code: reason, detail: refusalDetail(reason) };
  }
  if (reason === 'reservation_failed') return { outcome: 'failed', fingerprint };
  return { outcome: 'held', fingerprint, booking, now: standingOf(booking) };
}

function refusalDetail(code: ReservationRefusal): string {
  return { seats_unavailable: SOLD_OUT, flight_closed: CLOSED, too_many_holds: TOO_MANY_HOLDS }[
    code
  ].detail;
}

const CLOSED: RefusalNote = {
  code: 'flight_closed',
  detail: 'Sales of this flight have closed: they do 60 minutes before departure.',
};

const TOO_MANY_HOLDS: RefusalNote = {
  code: 'too_many_holds',
  detail:
    'You hold as many unpaid bookings as one customer may: pay for one, cancel one, or let one expire.',
};

function findClosedFlight(offer: Offer, { heldAt }: ReservationTerms): RefusalNote | undefined {
  return isOnSale(offer.departureAt, heldAt) ? undefined : CLOSED;
}

async function findTooManyHolds(
  trx: Db,
  customerId: string,
  { maxOpenHoldsPerCustomer }: ReservationTerms,
): Promise<RefusalNote | undefined> {
  const open = await trx('bookings')
    .where({ customer_id: customerId, status: 'pending' })
    .limit(maxOpenHoldsPerCustomer)
    .select('id');
  return open.length >= maxOpenHoldsPerCustomer ? TOO_MANY_HOLDS : undefined;
}

async function refuse(
  trx: Db,
  request: BookingRequest,
  offer: Offer,
  { requestedAt }: ReservationTerms,
  { code, detail }: RefusalNote,
): Promise<ReservationResult> {
  const { bookingId, fingerprint } = request;
  await insertBooking(trx, request, offer, {
    status: 'cancelled',
    cancellationReason: code,
    createdAt: requestedAt,
  });
  await appendEvent(trx, { bookingId, type: 'seats_refused', actor: 'system', reason: code });
  await bind(trx, request, STATUS_CODES[code], { code, detail });
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

function seatWish({ bookingId, flightId, cabin, passengers }: BookingRequest) {
  const chosen = passengers.flatMap(({ seatNumber }) => seatNumber ?? []);
  const spread = Number.parseInt(bookingId.slice(-6), 16);
  return { flightId, cabin, chosen, automatic: countSeats(passengers) - chosen.length, spread };
}

interface NewBooking {
  status: BookingStatus;
  cancellationReason?: CancellationReason;
  paymentRequiredBy?: Date;
  createdAt: Date;
  /** Those chosen first, in the order of the passengers who chose. */
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
  const automatic = seatNumbers.slice(
    passengers.filter((one) => one.seatNumber !== undefined).length,
  );
  await trx('passengers').insert(
    passengers.map((passenger, position) => ({
      booking_id: bookingId,
      position,
      given_name: passenger.givenName ?? null,
      family_name: passenger.familyName,
      type: passenger.type,
      seat_number:
        seatNumbers.length === 0 || !isSeated(passenger)
          ? null
          : (passenger.seatNumber ?? automatic.shift() ?? null),
    })),
  );
}
