import { holdLimitsFor, type HoldLimits } from '../../domain/hold-limits';
import { firstOf, pendingBooking } from '../../domain/new-booking';
import { seatedOn, type ChosenSeat } from '../../domain/passenger';
import { paymentDeadline } from '../../domain/sales';
import {
  bookingWorkflowId,
  flightIdsOf,
  type BindingRefusal,
  type BookingRequest,
  type ReservationResult,
} from '../../temporal/contracts/booking';
import type { Db } from '../connection';
import { requireFound, type OfferedSlices } from '../flights/offer-view';
import { LOCK_CLAIM } from '../schedule-changes/flight-lock';
import { chooseSeatsOnAll, lockFreeSeats, type FreeSeats, type SeatRequest } from '../seats/seats';
import { call } from '../statement';
import { inTransaction } from '../transaction';
import { findClosure } from './closure';
import { readEarlierReservation, standingOf } from './earlier-reservation-view';
import { holdSeats } from './hold';
import { noFreeReference, referencesOf } from './references';
import { refuseForNow, refuseReservation } from './refused-reservations';
import { reservationQuery, toReservationView, type ReservationView } from './reservation-view';
import { bookingRow, passengerRows, passengerSeatRows, segmentRows } from './rows';

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
 * take. Only a claim that finds none but these waits for the others, in a transaction of its own:
 * what is free after them decides whether the cabin is sold out.
 *
 * A customer who is at a limit gets `too_many_holds`, and nothing is written: the same key may be
 * tried again.
 *
 * No schedule change of its flights comes between what it reads and what it writes: flights that
 * were cancelled or moved before, so that they can't be sold together or to someone of the party,
 * are refused; and a schedule change after it finds the booking.
 *
 * Safe to retry, also concurrently: claims of one customer queue behind a lock, and a booking that
 * exists already is returned as it is.
 */
export async function reserve(
  db: Db,
  request: BookingRequest,
  terms: ReservationTerms,
): Promise<ReservationResult> {
  const { heldAt: at } = terms;
  const limits = holdLimitsFor(terms, request.maxOpenHolds);
  const first = [
    call(LOCK_CLAIM, [request.customerId, flightIdsOf(request).flat()]),
    reservationQuery(request, { limits, at }),
  ] as const;
  const claim = (waits: boolean) =>
    inTransaction(db, first, (trx, [, rows]) =>
      claimSeats(trx, request, toReservationView(rows, request), { ...terms, waits }),
    );
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
 * Claims can't deadlock. One that doesn't wait skips what is locked. One that waits locks by flight,
 * and from front to back.
 */
async function claimSeats(
  trx: Db,
  request: BookingRequest,
  view: ReservationView,
  terms: ReservationTerms & { waits: boolean },
): Promise<ReservationResult | undefined> {
  const { requestedAt, heldAt } = terms;
  if (view.isKnown) return readEarlierReservation(trx, request);
  const slices = flightIdsOf(request).map((ids) =>
    ids.map((id) => requireFound(view.flights.get(id)?.offer)),
  );
  const refuse = (code: BindingRefusal, detail?: string) =>
    refuseReservation(trx, request, slices, { code, detail, requestedAt });
  const closure = findClosure(slices, request.passengers, heldAt);
  if (closure !== undefined) return refuse('flight_closed', closure);
  if (view.reachedLimit !== undefined) return refuseForNow(request, view.reachedLimit);

  const wishes = seatWishes(request, slices);
  let free = terms.waits ? await lockSeats(trx, request) : freeSeatsOf(view);
  for (let choice = 0; choice < OPTIMISTIC_CHOICES; choice += 1) {
    const seatNumbers = chooseSeatsOnAll(free, wishes);
    // Seats that others are about to take count as free at first: fewer won't get more by waiting.
    if (seatNumbers === null && choice === 0) return refuse('seats_unavailable');
    if (seatNumbers === null) break;
    const claimed = await hold(trx, request, slices, terms, seatNumbers);
    if (claimed.status === 'held') return claimed.result;
    free = without(free, claimed.taken);
  }
  return terms.waits ? refuse('seats_unavailable') : undefined;
}

function freeSeatsOf({ flights }: ReservationView): FreeSeats {
  return new Map([...flights].map(([flightId, { freeSeats }]) => [flightId, freeSeats]));
}

function lockSeats(trx: Db, request: BookingRequest): Promise<FreeSeats> {
  return lockFreeSeats(trx, { flightIds: flightIdsOf(request).flat(), cabin: request.cabin });
}

function without(free: FreeSeats, taken: readonly ChosenSeat[]): FreeSeats {
  const isTaken = new Set(taken.map(({ flightId, seatNumber }) => `${flightId} ${seatNumber}`));
  return new Map(
    [...free].map(([flightId, seats]) => [
      flightId,
      seats.filter(({ seatNumber }) => !isTaken.has(`${flightId} ${seatNumber}`)),
    ]),
  );
}

/** Holds the chosen seats, or returns those that others have taken. */
async function hold(
  trx: Db,
  request: BookingRequest,
  slices: OfferedSlices,
  { requestedAt, heldAt, paymentWindowSeconds }: ReservationTerms,
  seatNumbers: string[][],
): Promise<
  { status: 'held'; result: ReservationResult } | { status: 'taken'; taken: ChosenSeat[] }
> {
  const { bookingId, fingerprint, idempotencyKey } = request;
  const { departureAt } = firstOf(slices);
  const paymentRequiredBy = paymentDeadline(heldAt, paymentWindowSeconds, departureAt);
  const seats = slices
    .flat()
    .flatMap(({ flight }, index) =>
      (seatNumbers[index] ?? []).map((seatNumber) => ({ flightId: flight.id, seatNumber })),
    );
  for (const reference of referencesOf(bookingId)) {
    const booking = pendingBooking(
      {
        id: bookingId,
        reference,
        workflowId: bookingWorkflowId(bookingId),
        slices,
        passengers: request.passengers,
        metadata: request.metadata,
        createdAt: requestedAt,
      },
      { seatNumbers, paymentRequiredBy },
      new Date(),
    );
    const { price } = booking;
    const row = bookingRow(request, slices, {
      price,
      createdAt: requestedAt,
      paymentRequiredBy,
    });
    const claimed = await holdSeats(trx, {
      booking: { ...row, reference, status: 'pending' },
      segments: segmentRows(request, slices),
      passengers: passengerRows(booking.passengers),
      passengerSeats: passengerSeatRows(booking.passengers),
      seats,
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

function seatWishes(
  { bookingId, passengers }: BookingRequest,
  slices: OfferedSlices,
): SeatRequest[] {
  const spread = Number.parseInt(bookingId.slice(-6), 16);
  return slices
    .flat()
    .map(({ flight }) => ({ flightId: flight.id, party: seatedOn(flight.id, passengers), spread }));
}
