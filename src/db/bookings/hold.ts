import type { ChosenSeat } from '../../domain/passenger';
import type { Db } from '../connection';
import { runOne } from '../statement';
import { HOLD_SEATS, HOLD_SEATS_ON_SEVERAL } from './hold-statements';
import type { BookingRow, PassengerRow, PassengerSeatRow, SegmentRow } from './rows';

/** A booking that is to hold seats, with everything that is written with it. */
export interface SeatClaim {
  booking: BookingRow;
  /** The flights, of a booking of several; none of a booking of one. */
  segments: SegmentRow[];
  passengers: PassengerRow[];
  passengerSeats: PassengerSeatRow[];
  /** On all flights. */
  seats: ChosenSeat[];
  /** What the booking's idempotency key is bound to; null when it has no key. */
  outcome: { key: string; fingerprint: string; kind: 'booking_created'; body: unknown } | null;
}

/** What became of a claim. Unless it is `held`, nothing was written. */
export type Claimed =
  | { status: 'held' }
  /** Others have these seats, or are about to. The transaction locks the remaining ones. */
  | { status: 'seats_taken'; taken: ChosenSeat[] }
  | { status: 'reference_taken' };

/**
 * Holds seats for a new booking, all or none, in one statement: seats, booking, passengers, first
 * event, and the outcome that the idempotency key is bound to.
 *
 * The locked rows, not an earlier read, are what prevents overselling. They are locked with SKIP
 * LOCKED, so that a claim never waits for another one. That can miss a seat which another claim is
 * about to give back: whether a cabin is sold out, it does not tell.
 */
export async function holdSeats(trx: Db, claim: SeatClaim): Promise<Claimed> {
  const { seats } = claim;
  const { locked, held } = await holdOn(trx, claim);
  const isLocked = new Set(locked.map(([flightId, seatNumber]) => `${flightId} ${seatNumber}`));
  const taken = seats.filter(({ flightId, seatNumber }) => {
    return !isLocked.has(`${flightId} ${seatNumber}`);
  });
  if (taken.length > 0) return { status: 'seats_taken', taken };
  if (held === 0) return { status: 'reference_taken' };
  if (held !== seats.length) throw new Error('Bug: a locked seat was not free');
  return { status: 'held' };
}

function holdOn(trx: Db, { booking, segments, seats, outcome, ...claim }: SeatClaim) {
  const seatNumbers = seats.map(({ seatNumber }) => seatNumber);
  const more = [
    booking.cabin,
    seatNumbers,
    JSON.stringify(booking),
    JSON.stringify(claim.passengers),
    outcome?.key ?? null,
    outcome?.fingerprint ?? null,
    outcome?.kind ?? null,
    outcome === null ? null : JSON.stringify(outcome.body),
  ] as const;
  if (segments.length === 0) return runOne(trx, HOLD_SEATS, [booking.flight_id, ...more]);
  return runOne(trx, HOLD_SEATS_ON_SEVERAL, [
    seats.map(({ flightId }) => flightId),
    ...more,
    JSON.stringify(segments),
    JSON.stringify(claim.passengerSeats),
  ]);
}
