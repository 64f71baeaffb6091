import type { HoldLimits } from '../../domain/hold-limits';
import type { Cabin } from '../../domain/cabin';
import type { FreeSeat } from '../../domain/seating';
import type { BookingRequest } from '../../temporal/contracts';
import type { Call } from '../batch';
import { OFFER_SQL, toOffer, type Offer, type OfferRow } from '../flights/offer-view';
import { call, statement } from '../statement';
import {
  countedHolds,
  HOLDS_SQL,
  reachedHoldLimit,
  type CountedHolds,
  type HoldsRow,
  type ReachedLimit,
} from './customer-limits';

/** What a claim of seats depends on, as it is under the customer's lock. */
export interface ReservationView {
  /** Whether the booking is in the database already. */
  isKnown: boolean;
  /** Undefined when there is no such flight or cabin. */
  offer: Offer | undefined;
  reachedLimit: ReachedLimit | undefined;
  /** The free seats of the cabin, from front to back. Others may take any of them at any moment. */
  freeSeats: FreeSeat[];
}

/**
 * Reads what a claim of seats depends on, under the customer's lock. `at` is the time of the claim.
 */
export function reservationQuery(
  { bookingId, customerId, flightId, cabin }: BookingRequest,
  { limits, at }: { limits: HoldLimits; at: Date },
): Call<ReservationRow> {
  const counted = countedHolds(customerId, limits, at);
  return call(READ_BEFORE_RESERVATION, [flightId, cabin, ...counted, bookingId]);
}

export function toReservationView(row: ReservationRow, cabin: Cabin): ReservationView {
  return {
    isKnown: row.is_known,
    offer: row.flight_id === null ? undefined : toOffer(row, cabin),
    reachedLimit: reachedHoldLimit(row),
    freeSeats: (row.free_seats ?? []).map(([seatNumber, rowNumber]) => ({ seatNumber, rowNumber })),
  };
}

export type ReservationRow = (OfferRow | { [column in keyof OfferRow]: null }) &
  HoldsRow & {
    is_known: boolean;
    free_seats: [seatNumber: string, rowNumber: number][] | null;
  };

const READ_BEFORE_RESERVATION = statement<
  ReservationRow,
  [flightId: string, cabin: string, ...CountedHolds, bookingId: string]
>(
  'read_before_reservation',
  `SELECT offer.*, ${HOLDS_SQL},
     EXISTS (SELECT FROM bookings b WHERE b.id = $8) AS is_known,
     (SELECT json_agg(json_build_array(s.seat_number, s.row_number) ORDER BY s.row_number, s.seat_number)
      FROM seats s WHERE s.flight_id = $1 AND s.cabin = $2 AND s.state = 'free') AS free_seats
   FROM (VALUES (true)) AS always LEFT JOIN (${OFFER_SQL}) AS offer ON true`,
);
